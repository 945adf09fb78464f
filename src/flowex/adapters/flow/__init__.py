"""Recordings of order flow, one format per file; no accounts, no wire records, no matching."""

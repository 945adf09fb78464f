"""Revisions of this room's tables, in a line: ``rNNNN_name.py``; a published one never changes."""

"""Simulated traders: ordinary accounts that place ordinary orders, so that a demo is alive.

Here belongs what they want and when. They see the exchange through ``ports.trading`` and
``ports.market_data``, as anybody does, and nothing of it knows them.
"""

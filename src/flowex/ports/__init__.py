"""Protocols at which rooms meet each other and the world, and the values they exchange.

A port says what is needed and which exceptions mean outage; adapters and services fulfil it.
"""

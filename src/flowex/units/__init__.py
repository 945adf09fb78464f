"""Integers with a meaning: prices, quantities, amounts, rates, ids and instants.

Here belong the types that every floor above speaks and the exact conversion between text and
integer. Nothing here knows a record, a file or another room.
"""

"""The native door: for now health, status, metrics and the first page, on Litestar.

Nothing here is on the path of an order, so a framework may help.
"""

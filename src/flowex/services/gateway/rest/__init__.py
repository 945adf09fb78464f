"""The native door: for now health, status, metrics, the first page and /docs, on Litestar.

Nothing here is on the path of an order, so a framework may help.
"""

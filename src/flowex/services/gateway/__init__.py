"""The one entrance: HTTP and WebSocket on one port, authentication, limits, three doors.

Here belong the listening server, who-is-asking, how-often, and the doors that speak a dialect:
`binance` (REST and request/response WebSocket), `stream` (the hub), `rest` (status pages). The
gateway owns no market, order or balance: all of that comes through ports. Doors do not import
each other; what two of them need lies here.
"""

"""The Binance door: its REST interface and its request/response WebSocket API, from one table.

Here belong the dialect's words: parameters, signatures, error texts, answers, user events.
Market streams are the stream door's; nothing here holds market, order or balance state.
"""

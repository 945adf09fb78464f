"""The market data room: books, trades, candles and tickers, as the public sees them.

Here belongs what is computed from level changes and trades alone. Accounts do not exist here.
"""

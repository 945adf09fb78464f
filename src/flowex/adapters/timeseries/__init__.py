"""Where the markets' history lies: one technology a file, all behind ``ports.timeseries``.

Here belongs SQL of these technologies. What a candle means is the market data room's business.
"""

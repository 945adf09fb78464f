"""The programs: command line, settings, wiring. The only place that knows everybody.

Rules of the market, of money or of a protocol do not belong here.
"""

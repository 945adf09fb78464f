"""Refusals are values: one code for every command's outcome, in bands by room.

Each outer dialect maps these codes in one table of its own (``gateway/binance/errors.py``).
"""

from enum import IntEnum


class ResultCode(IntEnum):
    """OK, or why the machine (or the door before it) refused a command and changed nothing."""

    OK = 0

    # 1xxx: before the machine
    BUSY = 1001
    DEADLINE_PASSED = 1002
    READ_ONLY = 1003
    ACCOUNT_BUSY = 1004

    # 2xxx: orders
    UNKNOWN_INSTRUMENT = 2001
    INSTRUMENT_NOT_TRADING = 2002
    HALTED = 2003
    INVALID_ORDER = 2004
    INVALID_CLIENT_ID = 2005
    DUPLICATE_CLIENT_ID = 2006
    PRICE_OUT_OF_RANGE = 2007
    PRICE_OFF_TICK = 2008
    QUANTITY_OUT_OF_RANGE = 2009
    QUANTITY_OFF_LOT = 2010
    NOTIONAL_OUT_OF_RANGE = 2011
    EXPIRE_TIME_PASSED = 2012
    WOULD_TAKE = 2013
    UNKNOWN_ORDER = 2014
    CLIENT_ID_MISMATCH = 2015
    ACCOUNT_OPEN_ORDERS = 2016
    OPEN_ORDERS = 2017
    TIMERS = 2018
    QUOTE_AMOUNT_TOO_SMALL = 2019
    AMEND_NOT_LOWER = 2020
    AMEND_BELOW_FILLED = 2021
    NOTHING_TO_CANCEL = 2022
    CANCEL_FAILED = 2023

    # 3xxx: funds
    INSUFFICIENT_FUNDS = 3001
    INVALID_AMOUNT = 3002
    SUPPLY_EXCEEDED = 3003
    UNKNOWN_HOLD = 3004
    HOLD_EXCEEDED = 3005
    SOURCE_REPEATED = 3006
    SOURCE_GAP = 3007
    SOURCES = 3008
    HOLDS = 3009
    UNKNOWN_WALLET = 3010

    # 5xxx: accounts, assets, instruments
    UNKNOWN_ACCOUNT = 5001
    ACCOUNT_RESTRICTED = 5002
    ACCOUNTS = 5003
    UNKNOWN_ASSET = 5004
    ASSETS = 5005
    INSTRUMENTS = 5006
    INVALID_NAME = 5007
    DUPLICATE_NAME = 5008
    INVALID_DECIMALS = 5009
    INVALID_FILTER = 5010
    INVALID_RATE = 5011
    INVALID_STATE = 5012
    INSTRUMENT_HAS_ORDERS = 5013
    INVALID_KIND = 5014

    # 9xxx: the machine itself
    NO_GENESIS = 9001
    GENESIS_REPEATED = 9002
    UNKNOWN_COMMAND = 9003
    BAD_RECORD = 9004
    UNKNOWN_LIMIT = 9005
    LIMIT_OUT_OF_RANGE = 9006
    RULES_UNSUPPORTED = 9007

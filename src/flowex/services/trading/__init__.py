"""The trading room: orders go in, orders, fills and balances are looked up.

Here belong the cheap refusals, the read model fed by events, and the history of orders and fills.
The rules of the market do not: the machine decides, this room only says no earlier where it can.
"""

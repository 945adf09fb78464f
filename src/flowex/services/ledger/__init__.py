"""The ledger room: double entry. Whatever moves money is a transaction whose postings add up to 0.

Here belongs the record of what moved and the proof that it agrees with the machine. It moves
nothing itself.
"""

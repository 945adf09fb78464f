"""What two or more rooms need and no room owns: each tool says in its module who uses it.

Here belongs no rule of the market, no record and no driver.
"""

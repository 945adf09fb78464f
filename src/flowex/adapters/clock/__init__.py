"""Clocks: the system's, and one that a simulation moves by hand.

Here belongs what fulfils ``ports.clock``. Who waits for a time does not.
"""

"""API keys, kept in memory.

Here belongs what fulfils ``ports.keys``. Who may sign what, and how, is the gateway's to check.
"""

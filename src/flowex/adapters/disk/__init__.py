"""Folders of files that can be synced: a real one, and one in memory that loses power on demand.

Here belongs what fulfils ``ports.disk``. What the bytes mean does not.
"""

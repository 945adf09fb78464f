"""One folder per port, one file per technology; drivers are imported here and nowhere else.

Decisions about orders or money do not belong here.
"""

"""Commands, events, state records and refusals: data only, versioned, one wire layout.

Here belongs what crosses a border between rooms, processes or versions, and its bytes.
Nothing here decides anything.
"""

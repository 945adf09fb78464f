"""The journal in files: frames with a checksum and a hash chain, in segments of a fixed size.

Here belongs what fulfils ``ports.journal``. What the commands mean does not.
"""

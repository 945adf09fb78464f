"""Sources of chance: the kernel's, and a seeded one that makes a whole exchange repeatable.

Here belongs what fulfils ``ports.entropy``. What is done with the bytes does not.
"""

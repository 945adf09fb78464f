"""The machine and what keeps it: sequencer, snapshot, recovery, feed.

Here belongs what turns commands into durable, ordered events. Rules of the market live in
``reference`` (and, again, in the C++ core); files and threads are behind ports.
"""

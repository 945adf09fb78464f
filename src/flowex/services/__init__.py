"""One room per deployable part of the exchange: it serves its port and keeps its own tables.

Here belongs what a part does between its ports. A service imports no other service, no adapter
and no engine: it meets them through ``flowex.ports``, wired in ``flowex.app``.
"""

"""`flowex top`: a live view of a running exchange on a terminal.

Here are what is known of the exchange, how it is asked, and how it is shown. It knows nothing of
the exchange's inside: public REST, streams and status pages, like any other client.
"""

"""The stream hub: public streams and listen-key user streams over WebSocket.

Here belong stream names, topics (what a stream says and when), control messages and the fan-out.
A message is serialised once per stream, whatever the number of subscribers. No market state is
kept beyond what a stream has yet to send.
"""

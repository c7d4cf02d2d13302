"""
The terminal client, C{chatroom}: for people who do not live in C{nc}.

L{chatroom.client.link} is the protocol without input or output, and public: with it a bot is twenty lines. On it stand
a connection that comes back (L{chatroom.client.connection}), a screen, a plain mode and one for pipes.
"""

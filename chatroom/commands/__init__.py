"""
What people can type: the built-in words, one module per family, and what plugin authors build theirs on.

A command sees an L{chatroom.interfaces.ICaller} and nothing else of the server.
"""

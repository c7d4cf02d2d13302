"""
The server: where what doors ask for is decided, kept and told. L{chatroom.server.hub} is where its parts meet.
"""

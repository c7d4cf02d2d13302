"""
Doors: bytes into commands, events into bytes. They know the server through L{chatroom.interfaces} alone.
"""

"""
Doors: bytes into commands, events into bytes. They know the house through L{chatroom.interfaces} alone.
"""

"""
L{ICaller<chatroom.interfaces.ICaller>}: all that a command or a door may ask of the server, a module per
family of wishes.
"""

"""
Where what was said is kept, put in order and carried to other nodes: one module per kind of backend.

A backend knows events, records and L{chatroom.interfaces}, and nothing of hubs, commands, doors or the rules of a
chat room: events say themselves what has to be done with them.
"""

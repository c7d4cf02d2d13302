"""
The client, from the bytes up to the screen: against hand-written bytes, and against a whole server in memory.
"""

"""
Control: what the one who runs the server asks of it from the shell, while it is open or while it is closed.
"""

"""
Control: what the one who runs the house asks of it from the shell, while it is open or while it is closed.
"""

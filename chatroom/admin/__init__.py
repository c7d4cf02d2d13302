"""
C{chatroom-admin}: what an operator does from the shell, beside the daemon.
"""

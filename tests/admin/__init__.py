"""
C{chatroom-admin}.
"""

"""
Tests of chatroom.doors.irc.
"""

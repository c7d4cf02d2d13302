"""
Tests of chatroom.control, and what they share.
"""

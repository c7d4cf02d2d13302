"""
Tests of the modules at the top of chatroom, which every part may know.
"""

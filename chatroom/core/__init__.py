"""
What is true and what is allowed. No Twisted, no clock, no disk: time is an argument.
"""

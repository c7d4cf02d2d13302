"""A chat room that one daemon keeps, for people with nc or telnet and for programs.

This file holds the version and nothing else: importing the package must cost nothing.
"""

__version__ = "1.0.0"

"""
The door for IRC clients, bots and bridges: RFC 1459 as modern clients speak it, and IRCv3.
"""

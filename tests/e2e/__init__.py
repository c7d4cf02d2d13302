"""
The daemon as strangers meet it: a real twistd, real sockets, real nc and telnet.

These tests are slower than the others and see only what a person or an operator sees: what is written on a
screen or in a log, exit statuses, files. They wait for output, each time with a deadline, and never for time to
pass. They may not import chatroom.
"""

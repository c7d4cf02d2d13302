"""
C{make bench}: chatroom beside the chat daemons people run, on one machine and in one run.

See docs/performance.rst for what is measured and how. Nothing here is installed, and nothing of chatroom imports it.
"""

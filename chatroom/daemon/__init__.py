"""
What makes a server a daemon: options, ports, certificates, logs, and what the operating system expects.
"""

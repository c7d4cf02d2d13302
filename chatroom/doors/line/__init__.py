"""
The door of nc and telnet: people type lines, and read lines.
"""

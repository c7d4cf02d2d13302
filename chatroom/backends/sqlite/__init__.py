"""
The embedded database: SQLite, in one file and one thread.
"""

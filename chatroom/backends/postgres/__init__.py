"""
The shared database: PostgreSQL, for one server of several daemons.
"""

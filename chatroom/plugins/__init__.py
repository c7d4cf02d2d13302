"""
How plugins are found and verified: commands and filters.
"""

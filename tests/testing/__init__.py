"""
Tests of what tests are written with: the server in memory that plugin authors use.
"""

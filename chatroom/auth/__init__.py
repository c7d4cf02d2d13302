"""
Who may log in: names, passwords, and how often somebody may try.
"""

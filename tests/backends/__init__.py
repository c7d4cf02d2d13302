"""
What every backend promises, and what each does in its own way.
"""

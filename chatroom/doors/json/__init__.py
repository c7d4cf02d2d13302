"""
The door of programs: one JSON object a line.
"""

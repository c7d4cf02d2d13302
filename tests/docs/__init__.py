"""
The documentation and the files for other programs are true.
"""

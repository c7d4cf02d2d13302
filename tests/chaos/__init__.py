"""
A cluster that is disturbed all the time, and people on it who are promised that nothing is lost: C{make chaos}.
"""

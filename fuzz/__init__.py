"""
Coverage-guided fuzzing of everything that somebody outside can send: C{make fuzz}.

Each target in L{fuzz.targets} takes bytes, lets a hostile peer send them to a whole chat room in memory, and then
makes sure that the room is still well: L{fuzz.invariants} says what that means. atheris (libFuzzer for Python) changes
the bytes, and keeps those that reach code no other bytes had reached. The targets themselves know nothing of atheris,
so that whatever was once found is a test for every Python: tests/project/test_fuzz.py.

    python -m fuzz                          # a minute, all targets in turn
    python -m fuzz --seconds 3600 member    # an hour, one of them
    python -m fuzz --replay FILE line       # what was found, once, without atheris

docs/coverage-guided-fuzzing.rst tells how to keep and shorten what is found.
"""

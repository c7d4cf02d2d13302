"""
Attacks on a real daemon with default limits, each a short script, and what honest people notice of it.

C{python -m tests.attacks} runs all of them on loopback and prints a table; C{python -m tests.attacks NAME...} runs
some, and C{--twistd PATH} attacks the C{twistd} of another checkout, for a table of before and after.

To write one: a function in any module of this folder, with L{tests.attacks.siege.attack} on it. It is given a
L{tests.attacks.siege.Siege} to connect to, does its worst, and comes back when C{siege.over()} says so.
"""

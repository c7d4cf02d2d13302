"""
How long a test waits for another program before it fails.
"""

from __future__ import annotations

PATIENCE = 120.0
"""
Seconds after which something that should have happened has not. It says nothing of how fast anything is: a program
that takes half a second alone takes a minute on a machine that has twenty others to serve.
"""

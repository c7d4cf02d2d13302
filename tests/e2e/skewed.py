"""
twistd with a time of day that a test sets: C{python -m tests.e2e.skewed FILE ARGUMENTS...}

The file holds the seconds by which the clock is ahead. Everything else about the process is as it is in life; the
system's own clock is left alone.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

if __name__ == "__main__":
    file = Path(sys.argv.pop(1))
    true_time = time.time
    time.time = lambda: true_time() + float(file.read_text())

    from twisted.scripts.twistd import run  # its reactor takes hold of the clock when it is imported

    run()

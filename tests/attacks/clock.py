"""
The one clock by which work is measured: processor time of this thread, which a busy machine makes little longer.
"""

from __future__ import annotations

from time import thread_time


def worked() -> float:
    """Seconds that the processor has spent on this thread, to the microsecond."""
    return thread_time()

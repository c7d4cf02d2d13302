"""
The log as JSON, a line for each event, for programs that collect logs: C{twistd --logger chatroom.jsonlog.observer}.

It knows Twisted's log and a stream, and nothing of what is logged.
"""

from __future__ import annotations

import sys

from twisted.logger import ILogObserver, jsonFileLogObserver


def observer() -> ILogObserver:
    """
    What C{--logger} asks for: it writes to standard output, without the record separator of RFC 7464, which most
    collectors do not expect.
    """
    return jsonFileLogObserver(sys.stdout, "")

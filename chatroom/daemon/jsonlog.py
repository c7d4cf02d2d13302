"""
The log as JSON, a line for each event, for programs that collect logs: C{twistd --logger
chatroom.daemon.jsonlog.observer}.

Each line begins with C{time} (ISO 8601, UTC) and C{message} (the sentence as it would stand in a log file, with a
traceback where there is one); the values behind it follow by name. It knows Twisted's log and a stream, and nothing of
what is logged.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone
from typing import Any, cast

from twisted.logger import FileLogObserver, ILogObserver, LogEvent, eventAsJSON, eventAsText

OURS = frozenset("log_level log_logger log_source log_system log_flattened log_text log_time".split())
"""What Twisted keeps in an event for its own use, and what C{time}, C{message} and C{level} say already."""


def observer() -> ILogObserver:
    """
    What C{--logger} asks for: it writes to standard output, without the record separator of RFC 7464, which most
    collectors do not expect.
    """
    return cast(ILogObserver, FileLogObserver(sys.stdout, as_line))


def as_line(event: LogEvent) -> str:
    """One event as a line of JSON. C{time} and C{message} stand first, where a program finds them without a parser."""
    named: dict[str, Any] = {
        "time": datetime.fromtimestamp(event.get("log_time", 0.0), timezone.utc).isoformat(timespec="milliseconds"),
        "message": eventAsText(event, includeTimestamp=False, includeSystem=False),
        "log_namespace": event.get("log_namespace"),
        "level": event["log_level"].name if "log_level" in event else "info",
    }
    values = {name: value for name, value in json.loads(eventAsJSON(event)).items() if name not in OURS}
    return json.dumps({**named, **values, **named}) + "\n"  # of a value by one of those names, ours is written

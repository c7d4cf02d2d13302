"""
SEARCH: lines of the past by their words, for clients with a field to search in.

The specification is soju.im/search. It is our command search, whose limits hold. It knows the speaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.doors.irc.channel_names import room_of
from chatroom.doors.irc.wire import IrcMessage, parsed_tags
from chatroom.errors import BadArguments, Refused
from chatroom.events import RoomEvent
from chatroom.folding import fold
from chatroom.wire import time_value

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

MOST_FOUND = 100
"""Lines in one answer."""

PAGES_SEARCHED = 5
"""Pages of the server's that are asked for one answer, each of which is charged as a search."""


class Wanted:
    """
    What a client searches for.

    @ivar words: all of them stand in the line. @ivar room: in this one; C{None}: in all of theirs.
    @ivar author: by this person alone; C{""}: by anybody. @ivar after: and C{before}: between these times.
    """

    def __init__(self, text: str) -> None:
        """@raise ValueError: a time is none, or the limit is no number. @raise NoSuchRoom: C{in} is no channel."""
        asked = parsed_tags(text)
        self.words = asked.get("text", "")
        self.room = room_of(asked["in"]) if asked.get("in", "").startswith("#") else None
        self.whispers = bool(asked.get("in")) and self.room is None
        self.author = fold(asked.get("from", ""))
        self.after = time_value(asked["after"]) if "after" in asked else 0.0
        self.before = time_value(asked["before"]) if "before" in asked else float("inf")
        self.limit = min(MOST_FOUND, max(1, int(asked.get("limit", MOST_FOUND))))

    def fits(self, event: RoomEvent) -> bool:
        """Whether it is one of them."""
        return self.after < event.at < self.before and (not self.author or fold(event.nick) == self.author)


async def search(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """SEARCH text=...;in=#room;from=nick;after=time;before=time;limit=number; else our command of that name."""
    if not speaker.has("soju.im/search"):
        speaker.show(await speaker.outcome(speaker.caller.do("search", " ".join(message.params))), response)
        return
    try:
        found = await _found(speaker, Wanted(message.params[0] if message.params else ""))
    except ValueError:
        response.fail("INVALID_PARAMS", "A time is 2026-11-30T07:00:00.000Z, and the limit is a number.")
    except BadArguments as refused:
        response.fail("INVALID_PARAMS", refused.sentence)
    except Refused as refused:
        response.fail("INVALID_PARAMS", refused.sentence, "in")
    else:
        response.batch(speaker.style.form(True).past(found), "soju.im/search")


async def _found(speaker: IrcSpeaker, wanted: Wanted) -> list[RoomEvent]:
    """The newest lines that fit, oldest first. @raise Refused:"""
    found, before = list[RoomEvent](), None
    for _ in range(0 if wanted.whispers else PAGES_SEARCHED):
        page = await speaker.caller.search(wanted.words, wanted.room, before)
        found += [event for event in page.events if wanted.fits(event)]
        before = page.next
        if before is None or len(found) >= wanted.limit:
            break
    found.reverse()  # of one moment, what was said first comes first
    return sorted(found, key=lambda event: event.at)[-wanted.limit :]

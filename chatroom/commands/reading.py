"""
Reading: what was said before, while one was away, and to oneself alone.

Pages are written oldest first, so that the newest line stands nearest to the one being typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chatroom.commands import shapes, views
from chatroom.commands.base import ROOM, Command, flag, number
from chatroom.commands.times import count, stamp
from chatroom.errors import BadArguments
from chatroom.events import SERVER, Whispered
from chatroom.interfaces import Answer, ICaller, Parameter, Role, Standing
from chatroom.records import Mail

_KEY = re.compile(r"(before|in):(\S{1,512})\s+", re.IGNORECASE)
"""What may stand before the words, each once."""


class History(Command):
    """What was said."""

    name = "history"
    family = "Reading"
    summary = "show the history of the room, page by page"
    details = "Each page says what to type for the previous one."
    parameters = (
        Parameter("before", required=False, help="a number from an earlier page"),
        ROOM,
        Parameter("since", required=False, by_name=True, help="the first events after this sequence number"),
        Parameter("limit", required=False, by_name=True, help="maximum number of events"),
        Parameter("talk", required=False, by_name=True, help="no: also joins, leaves and other events; default: yes"),
    )
    role = Role.MEMBER
    facts = (shapes.PageFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.history}.

        @raise BadArguments: a number is none, or both C{before} and C{since} are given.
        """
        before, since = number(arguments, "before"), number(arguments, "since")
        if before is not None and since is not None:
            raise BadArguments("Give before or since, not both.")
        page = await caller.history(
            arguments.get("room"),
            before=before,
            since=since,
            limit=number(arguments, "limit"),
            talk=flag(arguments, "talk", True),
        )
        more = f"/history {page.events[0].seq}" if page.events and since is None else ""
        parts = views.page_parts(page, caller.now(), more)
        nothing = "There is nothing more." if before or since else f"No messages in {page.room} yet."
        return Answer(parts or (nothing,), views.page_facts(page))


class MissedTalk(Command):
    """What was said while one was away."""

    name = "missed"
    family = "Reading"
    summary = "show what you missed in the room"
    details = "Page by page: each /missed continues where the last one stopped."
    parameters = (Parameter("room", required=False, help="default: the current room"),)
    standing = Standing.ACCOUNT
    role = Role.MEMBER
    facts = (shapes.PageFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.missed}."""
        page = await caller.missed(arguments.get("room"))
        more = "/missed" if page.room == caller.room else f"/missed {page.room}"
        parts = views.page_parts(page, caller.now(), more)
        return Answer(parts or (f"You missed nothing in {page.room}.",), views.page_facts(page))


class Search(Command):
    """Lines that hold some words."""

    name = "search"
    aliases = ("find",)
    family = "Reading"
    summary = "search messages in your rooms"
    details = (
        "Finds messages with all of the words. in:ROOM before the words searches one room. Each page says what to "
        "type for the next one."
    )
    parameters = (
        Parameter("words", rest=True, help="in any order and letter case"),
        ROOM,
        Parameter("before", required=False, by_name=True, help="the `next` of an earlier answer"),
    )
    facts = (shapes.FoundFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.search}.

        @raise BadArguments: a number is none.
        """
        given = dict(arguments)
        words = arguments["words"]
        for _ in range(2):
            if key := _KEY.match(words):
                given["room" if key[1].casefold() == "in" else "before"] = key[2]
                words = words[key.end() :]
        room = given.get("room")
        found = await caller.search(words, room, number(given, "before"))
        place = f"in:{room} " if room else ""
        hint = (f"Older: /search {place}before:{found.next} {words}",) if found.next is not None else ()
        parts = (*reversed(found.events), *hint)
        return Answer(
            parts or ("No messages found." if "before" not in given else "No more messages found.",),
            {"events": list(found.events), "next": found.next},
        )


class Inbox(Command):
    """Whispers that waited."""

    name = "inbox"
    aliases = ("mail",)
    family = "Reading"
    summary = "show whispers sent while you were offline"
    details = "/inbox shows new ones, /inbox all shows older ones, page by page."
    parameters = (
        Parameter("which", required=False, help="the word all"),
        Parameter("before", required=False, help="a number from an earlier page"),
    )
    standing = Standing.ACCOUNT
    facts = (shapes.InboxFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.inbox}.

        @raise BadArguments: something else than C{all} is asked for, or a number is none.
        """
        which = arguments.get("which", "new").casefold()
        if which not in ("new", "all"):
            raise BadArguments("Usage: /inbox or /inbox all")
        everything = which == "all"
        mails, unread, more = await caller.inbox(everything, number(arguments, "before"))
        parts = (*(Whispered(mail.at, SERVER, mail.sender, mail.to, mail.text) for mail in mails),)
        hint: tuple[str, ...] = ()
        if everything and more:
            hint = (f"Older: /inbox all {mails[0].id}",)
        elif unread:
            hint = (f"{count(unread, 'whisper')} more: /inbox",)
        nothing = "No more." if everything else "No new whispers. /inbox all shows older ones."
        return Answer(
            (*parts, *hint) if parts else (nothing,),
            {"whispers": [_mail_facts(mail) for mail in mails], "unread": unread, "more": more},
        )


def _mail_facts(mail: Mail) -> dict[str, object]:
    return {"number": mail.id, "at": stamp(mail.at), "nick": mail.sender, "to": mail.to, "text": mail.text}

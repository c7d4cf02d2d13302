"""
When it gets too much: a room's pace and its lock, the server's lockdown, and reports to those who keep order in it.

What they do to whom is the server's business; here is only what to type.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.commands import shapes
from chatroom.commands.base import (
    DURATION,
    LONGEST_WORD,
    OTHER_ROOM,
    REASON,
    ROOM,
    Command,
    is_off,
    meant,
    number,
    shown,
)
from chatroom.commands.times import every, is_duration, limit, stamp, term
from chatroom.commands.views import Listed, lockdown_facts
from chatroom.errors import BadArguments, Refused
from chatroom.events import FOREVER, OPEN, Reported
from chatroom.folding import fold
from chatroom.interfaces import Answer, ICaller, Parameter, Role, ServerRole
from chatroom.lengths import seconds_in

LOBBY_LOCK = "1h"
"""How long a lock holds by itself where everybody arrives."""


class Lock(Command):
    """Nobody new, for now."""

    name = "lock"
    family = "Rooms"
    summary = "lock the room to newcomers for a while"
    details = (
        "People in the room stay, and the room stays on the list. Lasts until /unlock, or for a time: /lock 30m "
        "raid. In the lobby, a lock without a time ends after an hour. /invite NICK lets somebody in anyway, and "
        "server staff can always join. For a permanently closed room, use /private."
    )
    parameters = (DURATION, REASON, ROOM)
    role = Role.OPERATOR
    facts = (shapes.RoomLockFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.lock}."""
        room = meant(caller, arguments)
        arguments = _of_the_current_room(caller, arguments, room)
        end, reason = term(caller.now(), arguments, LOBBY_LOCK if room == caller.lobby else "forever")
        await caller.lock(end, reason, arguments.get("room"))
        how_long = "" if end == FOREVER else f" {limit(caller.now(), end)}"
        return Answer(
            (f"{room} is locked{how_long}: only people you /invite can join. /unlock ends it.",),
            {"room": room, "until": stamp(end), "reason": reason},
        )


def _of_the_current_room(caller: ICaller, arguments: Mapping[str, str], room: str) -> Mapping[str, str]:
    """
    The arguments of /lock, without the name of the current room, which people may write behind it.

    @raise BadArguments: the one word behind it is C{off}, or another room's name, and no reason.
    """
    typed, more = arguments.get("duration", "").strip(), arguments.get("reason", "").strip()
    if more or not typed:
        return arguments
    if is_off(typed):
        raise BadArguments("/unlock ends a lock.")
    if fold(typed.lstrip("#")) == room:
        return {name: value for name, value in arguments.items() if name != "duration"}
    if not is_duration(typed) and (typed.startswith("#") or _is_seen(caller, typed)):
        raise BadArguments(f"/lock is for the current room. To lock another room, type /look {typed} first.")
    return arguments


def _is_seen(caller: ICaller, word: str) -> bool:
    """Whether this is a room that the caller may look into."""
    try:
        caller.view(word)
    except Refused:
        return False
    return True


class Unlock(Command):
    """The opposite of L{Lock}."""

    name = "unlock"
    family = "Rooms"
    summary = "end the lock of the room"
    details = "A password stays, and so does /private. /unlock ROOM also works from outside."
    parameters = (OTHER_ROOM,)
    role = Role.OPERATOR
    facts = (shapes.RoomNameFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.unlock}."""
        room = meant(caller, arguments)
        await caller.unlock(arguments.get("room"))
        return Answer((f"{room} is no longer locked.",), {"room": room})


class Slow(Command):
    """A room that can be read."""

    name = "slow"
    aliases = ("slowmode",)
    family = "Rooms"
    summary = "slow mode: one message per person every N seconds (/slow off ends it)"
    details = "/slow 30 or /slow 2m sets it; /slow alone shows it. Operators are exempt."
    parameters = (Parameter("seconds", required=False, help="30, 2m or off"), OTHER_ROOM)
    role = Role.OPERATOR
    facts = (shapes.SlowFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_slow}.

        @raise BadArguments: it is no time.
        """
        room, given = meant(caller, arguments), arguments.get("seconds")
        if given is None:
            seconds = caller.view(arguments.get("room")).slow
        else:
            seconds = _seconds(given)
            await caller.set_slow(seconds, arguments.get("room"))
        sentence = f"{room} is in slow mode: one message per person {every(seconds)}. /slow off ends it."
        return Answer((sentence if seconds else f"{room} is not in slow mode.",), {"room": room, "seconds": seconds})


def _seconds(typed: str) -> int:
    if typed.casefold() in ("off", "no", "false", "0"):
        return 0
    seconds = None
    if len(typed) <= LONGEST_WORD:
        seconds = int(typed) if typed.isascii() and typed.isdigit() else seconds_in(typed)
    if seconds is None:
        raise BadArguments(f"{shown(typed)} is not a duration. Slow mode needs a time such as 30 or 2m, or off.")
    return seconds


class Lockdown(Command):
    """The door of the server."""

    name = "lockdown"
    family = "Staff"
    summary = "restrict joining during a raid"
    details = (
        "guests: no new guests. accounts: no new accounts. registered: no new guests and no new accounts. off: no "
        "restrictions. People who are connected stay, and accounts can log in. Everyone gets a notice. Survives "
        "restarts; you can give a time and a reason: /lockdown guests 2h raid"
    )
    parameters = (
        Parameter("level", required=False, help="guests, accounts, registered or off; default: show the current level"),
        DURATION,
        REASON,
    )
    staff = ServerRole.MODERATOR
    facts = (shapes.LockdownFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_lockdown}."""
        level = arguments.get("level", "").casefold()
        if not level:
            found = caller.lockdown()
            return Answer((found or "No lockdown.",), lockdown_facts(found))
        end, reason = term(caller.now(), arguments, "forever")
        await caller.set_lockdown(level, end, reason)
        found = caller.lockdown()
        if found is None:
            return Answer(("Lockdown ended. Everyone here got a notice.",), lockdown_facts(found))
        how_long = "" if found.until == FOREVER else f" {limit(caller.now(), found.until)}"
        told = f"Lockdown{how_long} ({level}). Everyone here got a notice. /lockdown {OPEN} ends it."
        return Answer((told,), lockdown_facts(found))


class Report(Command):
    """Calling for those who keep order."""

    name = "report"
    family = "People"
    summary = "report a person or a room to the moderators"
    details = (
        "The person's last messages in the current room are attached, but no whispers: to report a whisper, quote "
        "it. /staff lists who reads reports."
    )
    parameters = (
        Parameter("about", help="a nickname or a room"),
        Parameter("reason", rest=True, help="what happened"),
        ROOM,
    )
    facts = (shapes.ReportFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.report}."""
        about = arguments["about"].removeprefix("@")
        made = await caller.report(about, arguments["reason"], arguments.get("room"))
        number = len(made.quote.split("\n")) if made.quote else 0
        last = "message" if number == 1 else f"{number} messages"
        quoted = f", with {made.who}'s last {last} in {made.where}" if number else ""
        sent = (
            "was sent to the moderators"
            if await caller.staff_of_the_server()
            else "is saved, and waits for this server's first moderator"
        )
        sentence = f"Report {made.number} about {made.who or made.where} {sent}{quoted}."
        return Answer((sentence,), _report_facts(made))


class Reports(Command):
    """What waits to be seen to."""

    name = "reports"
    family = "Staff"
    summary = "list open reports, or close one: /reports done NUMBER"
    details = "Text after the number is the outcome; the staff and the reporter see it."
    parameters = (
        Parameter("action", required=False, help="the word done, to close one"),
        Parameter("number", required=False, help="of the report"),
        Parameter("reason", required=False, rest=True, help="outcome"),
        Parameter("skip", required=False, by_name=True, help="the `next` of an earlier answer"),
    )
    staff = ServerRole.MODERATOR
    facts = (shapes.ReportsFacts, shapes.ClosedReportFacts)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.reports} and L{ICaller.close_report}.

        @raise BadArguments: it is something else that should be done, or to nothing.
        """
        action, which = arguments.get("action", "").casefold(), number(arguments, "number")
        if not action:
            page = Listed(caller.reports(), _report_facts, caller.page_bytes, number(arguments, "skip"))
            end = ("/reports done NUMBER closes one.",) if page.rows else ("No open reports.",)
            more = () if page.next is None else ("There are more; close some of these to see them.",)
            return Answer((*page.rows, *more, *end), {"reports": page.facts, "next": page.next})
        if action != "done" or which is None:
            raise BadArguments("Usage: /reports or /reports done NUMBER")
        await caller.close_report(which, arguments.get("reason", ""))
        return Answer((f"Report {which} is closed.",), {"number": which})


def _report_facts(report: Reported) -> dict[str, object]:
    return {
        "number": report.number,
        "at": stamp(report.at),
        "by": report.nick,
        "who": report.who,
        "where": report.where,
        "reason": report.reason,
        "quote": report.quote,
        "last": report.last,
    }

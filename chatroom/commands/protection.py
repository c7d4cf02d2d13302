"""
When it gets too much: a room's pace and its lock, the server's lockdown, and reports to those who keep order in it.

What they do to whom is the server's business; here is only what to type.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.commands.base import DURATION, OTHER_ROOM, REASON, ROOM, Command, is_off, meant, number
from chatroom.commands.times import count, duration, is_duration, limit, stamp, term
from chatroom.commands.views import Listed, lockdown_facts
from chatroom.errors import BadArguments, Refused
from chatroom.events import FOREVER, OPEN, Reported
from chatroom.folding import fold
from chatroom.interfaces import Answer, ICaller, Parameter, Role, ServerRole

LOBBY_LOCK = "1h"
"""How long a lock holds by itself where everybody arrives."""


class Lock(Command):
    """Nobody new, for now."""

    name = "lock"
    family = "Rooms"
    summary = "let nobody new into the room for a while"
    details = (
        "Whoever is in it stays, and it stays on the list. Until /unlock, or for as long as you write: /lock 30m "
        "raid. In the lobby it ends after an hour, if you write no time. /invite NICK lets somebody in all the same, "
        "and the staff may always join. To close a room for good and take it off the list: /private."
    )
    parameters = (DURATION, REASON, ROOM)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.lock}."""
        room = meant(caller, arguments)
        arguments = _of_the_current_room(caller, arguments, room)
        end, reason = term(caller.now(), arguments, LOBBY_LOCK if room == caller.lobby else "forever")
        await caller.lock(end, reason, arguments.get("room"))
        how_long = "" if end == FOREVER else f" {limit(caller.now(), end)}"
        return Answer(
            (f"{room} is locked{how_long}: nobody new comes in but whom you /invite. /unlock ends it.",),
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
        raise BadArguments(f"/lock is for the current room. To lock another one, type /look {typed} first.")
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
    summary = "let people into the room again"
    details = "A password stays, and so does /private. /unlock ROOM works from outside as well."
    parameters = (OTHER_ROOM,)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.unlock}."""
        room = meant(caller, arguments)
        await caller.unlock(arguments.get("room"))
        return Answer((f"{room} is not locked any more.",), {"room": room})


class Slow(Command):
    """A room that can be read."""

    name = "slow"
    aliases = ("slowmode",)
    family = "Rooms"
    summary = "let everybody say only one line in so many seconds, or as many as they like: /slow off"
    details = "Write /slow 30 or /slow 2m; without a time it shows what is set. Operators need not wait."
    parameters = (Parameter("seconds", required=False, help="30, 2m or off"), OTHER_ROOM)
    role = Role.OPERATOR

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
        sentence = f"{room} is in slow mode: one line every {count(seconds, 'second')}. /slow off ends it."
        return Answer((sentence if seconds else f"{room} is not in slow mode.",), {"room": room, "seconds": seconds})


def _seconds(typed: str) -> int:
    if typed.casefold() in ("off", "no", "false", "0"):
        return 0
    seconds = duration(f"{typed}s" if typed.isascii() and typed.isdigit() else typed)
    if seconds is None:
        raise BadArguments("Slow mode takes a time such as 30 or 2m, or off.")
    return seconds


class Lockdown(Command):
    """The door of the server."""

    name = "lockdown"
    family = "Staff"
    summary = "let fewer people to the server while somebody raids it"
    details = (
        "guests: no new guests come in. accounts: no new accounts are made. registered: neither. off: all may come in. "
        "Whoever is here stays, and whoever has an account may log in. Everybody is told. It holds across restarts, "
        "until you end it or for as long as you write: /lockdown guests 2h raid"
    )
    parameters = (
        Parameter("level", required=False, help="guests, accounts, registered or off; nothing: what it is now"),
        DURATION,
        REASON,
    )
    staff = ServerRole.MODERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_lockdown}."""
        level = arguments.get("level", "").casefold()
        if not level:
            found = caller.lockdown()
            return Answer((found or "Everybody may connect.",), lockdown_facts(found))
        end, reason = term(caller.now(), arguments, "forever")
        await caller.set_lockdown(level, end, reason)
        found = caller.lockdown()
        if found is None:
            return Answer(("Everybody may connect again, and everybody here was told.",), lockdown_facts(found))
        how_long = "" if found.until == FOREVER else f" {limit(caller.now(), found.until)}"
        told = f"The server is locked down{how_long} ({level}), and everybody here was told. /lockdown {OPEN} ends it."
        return Answer((told,), lockdown_facts(found))


class Report(Command):
    """Calling for those who keep order."""

    name = "report"
    family = "People"
    summary = "tell those who keep order on this server of somebody, or of a room"
    details = (
        "What somebody said last in the room you look at goes with it, and no whispers: if it was one, write what it "
        "said. /staff lists who will read it."
    )
    parameters = (
        Parameter("about", help="a nickname or a room"),
        Parameter("reason", rest=True, help="what happened"),
        ROOM,
    )

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.report}."""
        about = arguments["about"].removeprefix("@")
        made = await caller.report(about, arguments["reason"], arguments.get("room"))
        lines = count(len(made.quote.split("\n")), "line") if made.quote else "nothing"
        goes = f" The last they said in {made.where} goes with it ({lines})." if made.quote else ""
        staff = "is with the staff of this server" if await caller.staff_of_the_server() else "waits: there is no staff"
        sentence = f"Report {made.number} about {made.who or made.where} {staff}.{goes}"
        return Answer((sentence,), _report_facts(made))


class Reports(Command):
    """What waits to be seen to."""

    name = "reports"
    family = "Staff"
    summary = "list the reports that are open, or close one: /reports done NUMBER"
    details = "What you write behind the number is told to the staff and to whoever reported it."
    parameters = (
        Parameter("action", required=False, help="the word done, to close one"),
        Parameter("number", required=False, help="of the report"),
        Parameter("reason", required=False, rest=True, help="what came of it"),
        Parameter("skip", required=False, by_name=True, help="the `next` of an earlier answer"),
    )
    staff = ServerRole.MODERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.reports} and L{ICaller.close_report}.

        @raise BadArguments: it is something else that should be done, or to nothing.
        """
        action, which = arguments.get("action", "").casefold(), number(arguments, "number")
        if not action:
            page = Listed(caller.reports(), _report_facts, caller.page_bytes, number(arguments, "skip"))
            end = ("/reports done NUMBER closes one.",) if page.rows else ("No report is open.",)
            more = () if page.next is None else ("There are more; they are listed when some of these are closed.",)
            return Answer((*page.rows, *more, *end), {"reports": page.facts, "next": page.next})
        if action != "done" or which is None:
            raise BadArguments("Type /reports, or /reports done and the number of one.")
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

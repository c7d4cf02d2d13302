"""
The whole server and those who keep order in it.

Who may do what to whom is the server's business; here is only what to type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from chatroom.commands import shapes
from chatroom.commands.base import Command, number, person
from chatroom.commands.views import entry_facts
from chatroom.errors import BadArguments
from chatroom.interfaces import Answer, ICaller, Parameter, ServerRole
from chatroom.records import Account, AuditEntry
from chatroom.zones import moment

_TITLES = {ServerRole.MODERATOR: "a moderator", ServerRole.ADMIN: "an admin"}


class Staff(Command):
    """Whom to ask for help."""

    name = "staff"
    family = "Staff"
    summary = "list moderators and admins"
    details = "Whisper to one of them for help: @nick text"
    facts = (shapes.StaffFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.staff_of_the_server}."""
        found = await caller.staff_of_the_server()
        parts = tuple(
            f"{account.name} is {_TITLES[account.role]}, and {'online' if online else 'offline'}."
            for account, online in found
        )
        return Answer(parts or ("This server has no staff.",), {"staff": _staff_facts(found)})


def _staff_facts(found: Sequence[tuple[Account, bool]]) -> list[dict[str, object]]:
    return [{"nick": account.name, "staff": account.role.name.lower(), "online": online} for account, online in found]


class Promote(Command):
    """One more to keep order."""

    name = "promote"
    family = "Staff"
    summary = "give an account a role: moderator or admin"
    details = (
        "Moderators kick, mute and ban, and are operators in every room. Admins also give and remove roles, and are "
        "owners of every room. The first admin is made in the shell, with chatroom-admin."
    )
    parameters = (
        Parameter("nick", help="the account"),
        Parameter("role", required=False, help="moderator (default) or admin"),
    )
    staff = ServerRole.ADMIN
    facts = (shapes.PromotedFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_server_role}.

        @raise BadArguments: there is no such role to give.
        """
        word = arguments.get("role", "moderator").casefold()
        if word not in ("moderator", "admin"):
            raise BadArguments("The role must be moderator or admin. /demote removes it.")
        return await _give(caller, person(arguments), ServerRole[word.upper()])


class Demote(Command):
    """The opposite of L{Promote}."""

    name = "demote"
    family = "Staff"
    summary = "remove an account's role"
    details = "Admins can resign, except the last one."
    parameters = (Parameter("nick", help="the account"),)
    staff = ServerRole.ADMIN
    facts = (shapes.PromotedFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_server_role}."""
        return await _give(caller, person(arguments), ServerRole.NONE)


async def _give(caller: ICaller, nick: str, role: ServerRole) -> Answer:
    before = await caller.set_server_role(nick, role)
    return Answer(
        (f"{nick} is now {_TITLES[role]} of this server." if role else f"{nick} no longer has a role on this server.",),
        {"nick": nick, "staff": role.name.lower(), "before": before.name.lower()},
    )


class Oper(Command):
    """To act as staff without being logged in as staff."""

    name = "oper"
    family = "Staff"
    summary = "act with the role of a staff account, under your nickname"
    details = (
        "Only this connection has the role, until it ends. /unoper ends it, and so does logging in or out. The audit "
        "log names the account. /oper NAME asks for the password, and telnet does not show it."
    )
    parameters = (
        Parameter("name", help="of the account"),
        Parameter("password", rest=True, secret=True, help="of the account"),
    )
    facts = (shapes.ActingFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.borrow_role}."""
        typed = arguments["name"].removeprefix("@")
        role = await caller.borrow_role(typed, arguments["password"])
        _, account = await caller.person(typed)
        name = typed if account is None else account.name
        sentence = f"You act as {name}, {_TITLES[role]} of this server. /unoper ends it."
        return Answer((sentence,), {"acts_as": name, "staff": role.name.lower()})


class Unoper(Command):
    """The opposite of L{Oper}."""

    name = "unoper"
    family = "Staff"
    summary = "stop acting with the role of another account"
    facts = (shapes.ActingFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.return_role}."""
        name = await caller.return_role()
        return Answer((f"You no longer act as {name}.",), {"acts_as": "", "staff": caller.staff.name.lower()})


class Wallops(Command):
    """A message to all staff."""

    name = "wallops"
    family = "Staff"
    summary = "say something to all staff who are online"
    parameters = (Parameter("text", rest=True, help="what to say"),)
    staff = ServerRole.MODERATOR
    facts = (shapes.NoFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.tell_staff}."""
        await caller.tell_staff(arguments["text"])
        return Answer(("All other staff who are online have read it.",))


class Audit(Command):
    """Who did what."""

    name = "audit"
    family = "Staff"
    summary = "show what the staff did, newest last"
    details = "/audit NICK shows only what NICK did or what was done to NICK; /audit 20 shows the last 20."
    parameters = (
        Parameter("who", required=False, help="a nickname, a network or a room"),
        Parameter("count", required=False, help="how many entries"),
        Parameter(
            "before",
            required=False,
            by_name=True,
            help="only entries before this number: the `number` of an earlier entry",
        ),
    )
    staff = ServerRole.MODERATOR
    facts = (shapes.EntriesFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.audit}.

        @raise BadArguments: the number is none.
        """
        given = dict(arguments)
        if "count" not in given and given.get("who", "").lstrip("+-").isnumeric():
            given["count"] = given.pop("who")
        who = person(given, "who") if "who" in given else None
        entries = await caller.audit(who, number(given, "count"), number(given, "before"))
        return Answer(
            tuple(_entry_line(entry, caller.zone) for entry in entries) or ("No entries.",),
            {"entries": [entry_facts(entry) for entry in entries]},
        )


_TERM = re.compile(r"((?:in \S+, )?until )(\d{4}-\d\d-\d\d \d\d:\d\d) UTC")
"""How the detail of an entry begins that tells until when something holds."""

_TERMED = frozenset(["ban", "mute", "lock", "lockdown"])


def _in_zone(entry: AuditEntry, zone: str) -> str:
    """The detail of an entry, with its term in this zone. What follows are words of the staff, and stays as it is."""
    found = _TERM.match(entry.detail) if entry.act.removeprefix("room-") in _TERMED else None
    if found is None:
        return entry.detail
    until = datetime.strptime(f"{found[2]}+0000", "%Y-%m-%d %H:%M%z").timestamp()
    return found[1] + moment(until, zone) + entry.detail[found.end() :]


def _entry_line(entry: AuditEntry, zone: str) -> str:
    detail = f" ({_in_zone(entry, zone)})" if entry.detail else ""
    return f"{moment(entry.at, zone)} {entry.who}: {entry.act} {entry.target}{detail}"

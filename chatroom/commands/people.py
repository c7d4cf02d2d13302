"""
People: who is here, what they are called, and whom one would rather not read.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom import __version__
from chatroom.commands import shapes, views
from chatroom.commands.base import Command, meant, person
from chatroom.commands.times import ago, count, stamp
from chatroom.errors import with_full_stop
from chatroom.interfaces import Answer, ICaller, Parameter, ServerRole
from chatroom.zones import day

SERVER = "*"
"""The room to ask L{ICaller.people} for, to hear of everybody."""


class Who(Command):
    """Who is here."""

    name = "who"
    aliases = ("names",)
    family = "People"
    summary = "show who is in the room"
    details = "/who ROOM shows another room that you are in. To see everyone on the server, type: /who *"
    parameters = (
        Parameter("room", required=False, help="a room you are in, or *"),
        Parameter(
            "after",
            required=False,
            by_name=True,
            help="people whose names come after this one: the `next` of an earlier answer",
        ),
    )
    facts = (shapes.WhoFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.people}."""
        room = meant(caller, arguments) or SERVER
        people = caller.people(room)
        where = "On the server" if room == SERVER else f"In {room}"
        page = views.Listed(
            caller.people_after(arguments.get("after", ""), room), views.person_facts, caller.page_bytes, 0
        )
        return Answer(
            (f"{where} ({count(len(people), 'person', 'people')}): {views.names(people, len(people))}",),
            {
                "room": None if room == SERVER else room,
                "people": page.facts,
                "people_total": len(people),
                "next": None if page.next is None else page.rows[-1].nick,
            },
        )


class Nick(Command):
    """What one is called."""

    name = "nick"
    family = "People"
    summary = "change your nickname"
    details = "With an account you can change only upper and lower case. /nick alone shows your nickname."
    parameters = (Parameter("nick", required=False, help="the new nickname"),)
    facts = (shapes.NickFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.rename}."""
        if "nick" in arguments:
            await caller.rename(person(arguments))
        return Answer((f"You are {caller.nick}.",), {"nick": caller.nick})


class WhoAmI(Command):
    """Who one is."""

    name = "whoami"
    family = "People"
    summary = "show your nickname, account and room"
    facts = (shapes.OwnFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.server_role}, which is read anew."""
        staff = await caller.server_role()
        return Answer((_oneself(caller),), {**_own_facts(caller), "staff": staff.name.lower()})


def _is_bot(caller: ICaller) -> bool:
    here = caller.person_now(caller.nick or "")
    return here is not None and here.bot


def _oneself(caller: ICaller) -> str:
    kind = "with an account" if caller.account else "a guest"
    if _is_bot(caller):
        kind += ", marked as a bot"
    if caller.staff > ServerRole.NONE:
        kind += f", {caller.staff.name.lower()} of this server"
    place = f"in {caller.room}" if caller.room else "not in a room"
    return f"You are {caller.nick}, {kind}, {place}."


def _own_facts(caller: ICaller) -> dict[str, object]:
    return {
        "nick": caller.nick,
        "account": caller.account,
        "bot": _is_bot(caller),
        "staff": caller.staff.name.lower(),
        "rooms": list(caller.rooms),
    }


class Away(Command):
    """Not at the keyboard."""

    name = "away"
    family = "People"
    summary = "set your away status"
    parameters = (Parameter("text", required=False, rest=True, help="why, or until when"),)
    facts = (shapes.AwayFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_away}."""
        text = arguments.get("text") or "not at the keyboard"
        silent = await caller.set_away(text)
        note = f" Not shown in {', '.join(silent)}, where you are muted or have to wait." if silent else ""
        return Answer((f"You are away: {with_full_stop(text)} /back ends it.{note}",), {"away": text})


class Back(Command):
    """The opposite of L{Away}."""

    name = "back"
    family = "People"
    summary = "clear your away status"
    facts = (shapes.AwayFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_away}."""
        await caller.set_away("")
        return Answer(("Welcome back.",), {"away": ""})


class Info(Command):
    """About somebody, or about the server."""

    name = "info"
    aliases = ("whois",)
    family = "People"
    summary = "show details of a person or of this server"
    parameters = (Parameter("nick", required=False, help="default: the server"),)
    facts = (shapes.AboutFacts, shapes.ServerFacts)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.person}."""
        return await _about(caller, person(arguments)) if "nick" in arguments else _server(caller)


def _server(caller: ICaller) -> Answer:
    people, rooms = len(caller.people(SERVER)), len(caller.rooms_open())
    return Answer(
        (
            f"This is chatroom {__version__}, with {count(people, 'person', 'people')} in {count(rooms, 'room')}.",
            _oneself(caller),
        ),
        {
            "version": __version__,
            "people_total": people,
            "rooms_total": rooms,
            **_own_facts(caller),
            "now": stamp(caller.now()),
        },
    )


async def _about(caller: ICaller, nick: str) -> Answer:
    here, account = await caller.person(nick)
    name = here.nick if here else account.name if account else nick
    parts = [f"{name} connected {ago(caller.now(), here.since)}." if here else f"{name} is not here."]
    if here and here.away:
        parts.append(f"Away: {with_full_stop(here.away)}")
    parts.append(
        f"With an account since {day(account.created, caller.zone)}." if account else "A guest, without an account."
    )
    bot = account.bot if account is not None else here is not None and here.bot
    if bot:
        parts.append(f"A bot: a program uses this {'account' if account is not None else 'nickname'}.")
    staff = max(account.role if account else ServerRole.NONE, here.staff if here else ServerRole.NONE)
    if staff > ServerRole.NONE:
        parts.append(f"{staff.name.capitalize()} of this server.")
    places = await _places(caller, name)
    if places:
        parts.append(f"From {', '.join(places)}.")
    nodes = await _nodes(caller, name)
    if nodes:
        parts.append(f"Connected through {', '.join(nodes)}, where /info shows the address.")
    return Answer(
        (" ".join(parts),),
        {
            **({"addresses": places} if places else {}),
            **({"nodes": nodes} if nodes else {}),
            "nick": name,
            "online": here is not None,
            "since": stamp(here.since) if here else None,
            "away": here.away if here else "",
            "account": account is not None,
            "created": stamp(account.created) if account else None,
            "staff": staff.name.lower(),
            "bot": bot,
        },
    )


async def _places(caller: ICaller, nick: str) -> list[str]:
    """Where somebody is connected from: for staff, who may have to keep that out."""
    if caller.staff is ServerRole.NONE or await caller.server_role() is ServerRole.NONE:
        return []
    return list(caller.addresses(nick))


async def _nodes(caller: ICaller, nick: str) -> list[str]:
    """Through which other nodes somebody is connected: for staff, who look for an address."""
    if caller.staff is ServerRole.NONE or await caller.server_role() is ServerRole.NONE:
        return []
    return list(caller.other_nodes(nick))


class Ignore(Command):
    """Not to be read any more."""

    name = "ignore"
    family = "People"
    summary = "ignore somebody"
    details = (
        "Hides their messages, also in /history, /search and your inbox. An account remembers it; for a guest it "
        "ends with the visit. /ignore alone lists whom you ignore; /unignore NICK ends it."
    )
    parameters = (Parameter("nick", required=False, help="the nickname"),)
    facts = (shapes.IgnoredFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.ignore}."""
        if "nick" in arguments:
            nick = person(arguments)
            await caller.ignore(nick)
            return Answer((f"You are now ignoring {nick}. /unignore {nick} ends it.",), _ignored(caller))
        names = ", ".join(sorted(caller.ignored))
        return Answer((f"You are ignoring: {names}" if names else "You are not ignoring anyone.",), _ignored(caller))


class Unignore(Command):
    """The opposite of L{Ignore}."""

    name = "unignore"
    family = "People"
    summary = "stop ignoring somebody"
    parameters = (Parameter("nick", help="the nickname"),)
    facts = (shapes.IgnoredFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.unignore}."""
        nick = person(arguments)
        await caller.unignore(nick)
        return Answer((f"You are no longer ignoring {nick}.",), _ignored(caller))


def _ignored(caller: ICaller) -> dict[str, list[str]]:
    return {"ignored": sorted(caller.ignored)}

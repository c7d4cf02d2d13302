"""
C{/zone}: the time zone in which a person reads times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chatroom import zones
from chatroom.commands import shapes
from chatroom.commands.base import Command, is_off, shown
from chatroom.commands.times import stamp
from chatroom.errors import BadArguments, NotFound
from chatroom.interfaces import Answer, ICaller, Parameter

EXAMPLE = "Europe/Rome"

_SOME = 5
"""Zones of a region that are named as examples."""


class Zone(Command):
    """The time zone in which answers show times."""

    name = "zone"
    aliases = ("timezone", "tz")
    family = "People"
    summary = "show times in your own time zone"
    details = (
        f"/zone {EXAMPLE} sets it, /zone utc removes it, and /zone alone shows it. Your account keeps it; a guest's "
        "lasts as long as the connection. Messages to the whole room name their times in UTC. The web page and the "
        "terminal client use the time zone of your computer."
    )
    parameters = (Parameter("name", required=False, rest=True, help="of a zone, or utc"),)
    facts = (shapes.ZoneFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_zone}.

        @raise NotFound: there is no such zone, or no zone at all. @raise BadArguments: it is a distance from UTC.
        """
        typed = arguments.get("name", "").strip()
        if typed:
            await caller.set_zone("" if is_off(typed) or typed.casefold() == "utc" else _zone_of(typed))
        return Answer((_told(caller),), {"zone": caller.zone or None, "now": stamp(caller.now())})


def _told(caller: ICaller) -> str:
    now = caller.now()
    if caller.zone:
        return f"Your time zone is {zones.title(caller.zone)}. The time there: {zones.moment(now, caller.zone)}."
    return f"Your time zone is UTC. The time: {zones.moment(now)}. To set another, type /zone {EXAMPLE}"


def _zone_of(typed: str) -> str:
    if not zones.names():
        raise NotFound("This server has no data of time zones. Its operator can install the package tzdata.")
    found = zones.named(typed)
    if found is not None:
        return found
    if zones.is_offset(typed):
        raise BadArguments(f"An offset changes with summer time. Type the zone of a city, such as /zone {EXAMPLE}")
    region = zones.within(typed)
    if region:
        raise NotFound(_choose(region))
    meant = zones.like(typed)
    if not meant:
        raise NotFound(
            f"There is no time zone {shown(typed)}. Type the zone of a large city near you, such as /zone {EXAMPLE}"
        )
    others = f" (or {', '.join(meant[1:])})" if meant[1:] else ""
    raise NotFound(f"There is no time zone {shown(typed)}. Did you mean {meant[0]}{others}? Type /zone {meant[0]}")


def _choose(region: Sequence[str]) -> str:
    """What to type instead of the name of a region: some of its zones, from all over the alphabet."""
    some = region[:: max(1, len(region) // _SOME)][:_SOME]
    name, such = zones.region_of(region), ", ".join(some)
    return f"{name} is a region. Its zones are named after cities, such as {such}. Choose one near you: /zone {some[0]}"

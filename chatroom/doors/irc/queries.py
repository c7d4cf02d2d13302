"""
Who is there: WHO and WHOX, WHOIS, WHOWAS, USERHOST and ISON.

RFC 2812, 3.6 and 4.8; https://modern.ircdocs.horse. What is shown is what everybody may know by C{/who} and C{/info}:
people of a room to its members, rooms of a person to those who are in them. It knows the speaker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from chatroom.doors.irc.channel_names import room_of
from chatroom.doors.irc.masks import host_of
from chatroom.doors.irc.metadata import METADATA, values_of_person
from chatroom.doors.irc.names import SIGN
from chatroom.doors.irc.numerics import (
    ERR_NONICKNAMEGIVEN,
    ERR_NOSUCHNICK,
    ERR_WASNOSUCHNICK,
    RPL_AWAY,
    RPL_ENDOFWHO,
    RPL_ENDOFWHOIS,
    RPL_ENDOFWHOWAS,
    RPL_ISON,
    RPL_USERHOST,
    RPL_WHOISACCOUNT,
    RPL_WHOISACTUALLY,
    RPL_WHOISBOT,
    RPL_WHOISCHANNELS,
    RPL_WHOISKEYVALUE,
    RPL_WHOISOPERATOR,
    RPL_WHOISSERVER,
    RPL_WHOISUSER,
    RPL_WHOREPLY,
    RPL_WHOSPCRPL,
    RPL_WHOWASUSER,
)
from chatroom.doors.irc.who import WhoRow, flags, long_row, parsed_who, short_row
from chatroom.doors.irc.wildcards import Wildcard
from chatroom.doors.irc.wire import IrcMessage
from chatroom.errors import Refused
from chatroom.events import ServerRole
from chatroom.interfaces import Person

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

MOST_ASKED = 10
"""Nicknames in one WHOIS, USERHOST or ISON; the others are left out."""

END_OF_WHO = "End of WHO list"


async def who(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """WHO: of a room, of one person, or of all whom a mask fits, as many as one page of an answer holds."""
    asked = parsed_who(message.params)
    left = speaker.caller.page_bytes
    for person, room in _people(speaker, asked.mask):
        if asked.operators and not person.staff:
            continue
        row = _row(speaker, person, room)
        params = short_row(row) if asked.fields is None else long_row(row, asked.fields, asked.token)
        left -= sum(map(len, params))
        if left < 0:
            break
        response.numeric(RPL_WHOREPLY if asked.fields is None else RPL_WHOSPCRPL, *params)
    response.numeric(RPL_ENDOFWHO, asked.mask or "*", END_OF_WHO)


def _people(speaker: IrcSpeaker, mask: str) -> Iterator[tuple[Person, str]]:
    """Everybody whom it fits, and the room in which they are meant or C{*}."""
    caller = speaker.caller
    if mask.startswith("#"):
        try:
            view = caller.view(room_of(mask))
            found, name = caller.people(view.name), view.name
        except Refused:
            return
        yield from ((person, f"#{name}") for person in found)
        return
    wildcard = Wildcard(mask if mask not in ("", "0") else "*")
    if wildcard.literal:
        one = caller.person_now(mask)
        if one is not None:
            yield one, "*"
    else:
        yield from ((person, "*") for person in caller.people("*") if _fits(speaker, wildcard, mask, person))


def _fits(speaker: IrcSpeaker, wildcard: Wildcard, mask: str, person: Person) -> bool:
    """By nickname or, for a mask with a dot, by host; the server's name is in every host."""
    return wildcard.fits(person.nick) or ("." in mask and wildcard.fits(host_of(person.nick, speaker.network.host)))


def _row(speaker: IrcSpeaker, person: Person, room: str) -> WhoRow:
    network = speaker.network
    profile = network.profile(person.nick)
    shown = flags(away=bool(person.away), staff=bool(person.staff), bot=person.bot, signs=SIGN.get(person.role, ""))
    account = person.nick if person.account else "0"
    host = host_of(person.nick, network.host)
    return WhoRow(room, f"~{profile.user}", host, network.host, person.nick, shown, account, profile.real)


async def whois(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """WHOIS, perhaps with a server before the nicknames: there is only one."""
    if not message.params or not message.params[-1]:
        response.numeric(ERR_NONICKNAMEGIVEN, "WHOIS needs a nickname.")
        return
    asked = message.params[1] if len(message.params) > 1 else message.params[0]
    for nick in asked.split(",")[:MOST_ASKED]:
        person = speaker.caller.person_now(nick)
        if person is None:
            response.numeric(ERR_NOSUCHNICK, nick or "*", "Nobody here has that nickname.")
        else:
            _tell_of(speaker, person, response)
    response.numeric(RPL_ENDOFWHOIS, asked, "End of WHOIS list")


def _tell_of(speaker: IrcSpeaker, person: Person, response: Response) -> None:
    network, nick = speaker.network, person.nick
    profile = network.profile(nick)
    response.numeric(RPL_WHOISUSER, nick, f"~{profile.user}", host_of(nick, network.host), "*", profile.real)
    rooms = " ".join(_rooms_of(speaker, person))
    if rooms:
        response.numeric(RPL_WHOISCHANNELS, nick, rooms)
    response.numeric(RPL_WHOISSERVER, nick, network.host, network.server.name)
    if person.away:
        response.numeric(RPL_AWAY, nick, person.away)
    if person.staff:
        title = "an admin" if person.staff is ServerRole.ADMIN else "a moderator"
        response.numeric(RPL_WHOISOPERATOR, nick, f"is {title} of this server")
    if person.account:
        response.numeric(RPL_WHOISACCOUNT, nick, nick, "is logged in as")
    if person.bot:
        response.numeric(RPL_WHOISBOT, nick, "is a bot")
    for key, value in values_of_person(speaker, nick).items() if speaker.has(METADATA) else ():
        response.numeric(RPL_WHOISKEYVALUE, nick, key, "*", value)
    if speaker.is_me(nick):
        response.numeric(RPL_WHOISACTUALLY, nick, speaker.caller.address or "*", "is connected from")


def _rooms_of(speaker: IrcSpeaker, person: Person) -> Iterator[str]:
    """Rooms that both are in, with the person's sign in each."""
    yield from (f"{SIGN.get(role, '')}#{room}" for room, role in speaker.caller.rooms_with(person.nick))


async def whowas(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """WHOWAS: who had this nickname before. The server remembers the last ones who left."""
    nick = message.params[0]
    most = _number(message.params[1]) if len(message.params) > 1 else 0
    found = speaker.network.gone(nick)
    for gone in found[:most] if most > 0 else found:
        network = speaker.network
        response.numeric(RPL_WHOWASUSER, gone.nick, f"~{gone.user}", host_of(gone.nick, network.host), "*", gone.real)
        response.numeric(RPL_WHOISSERVER, gone.nick, network.host, network.server.name)
    if not found:
        response.numeric(ERR_WASNOSUCHNICK, nick, "Nobody of that nickname has left lately.")
    response.numeric(RPL_ENDOFWHOWAS, nick, "End of WHOWAS")


def _number(text: str) -> int:
    return int(text[:9]) if text.isascii() and text.isdigit() else 0


async def userhost(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """USERHOST: of up to five people, whether they are away and staff, and their host."""
    shown = [
        f"{person.nick}{'*' if person.staff else ''}={'-' if person.away else '+'}"
        f"~{speaker.network.profile(person.nick).user}@{host_of(person.nick, speaker.network.host)}"
        for person in _present(speaker, message.params[:5])
    ]
    response.numeric(RPL_USERHOST, " ".join(shown))


async def ison(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """ISON: which of these people are here."""
    asked = [nick for param in message.params for nick in param.split()]
    response.numeric(RPL_ISON, " ".join(person.nick for person in _present(speaker, asked)))


def _present(speaker: IrcSpeaker, nicks: Iterable[str]) -> Iterator[Person]:
    for nick in nicks:
        person = speaker.caller.person_now(nick)
        if person is not None:
            yield person

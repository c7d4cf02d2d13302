"""
METADATA: what people and rooms say of themselves, asked for, set and subscribed to.

IRCv3 draft/metadata-3. One's own are one's own to set, those of a room its operators'; who may read a room's are those
who may name the room. A client that has no nickname yet may set its own: they are its person's when it has one.
It knows the speaker, and is long because each subcommand is one of a few lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from chatroom.doors.irc.channel_names import room_of
from chatroom.doors.irc.metadata_values import (
    MOST_KEYS,
    MOST_SUBSCRIPTIONS,
    Values,
    is_key,
    is_value,
)
from chatroom.doors.irc.numerics import (
    ERR_NOTREGISTERED,
    RPL_KEYNOTSET,
    RPL_KEYVALUE,
    RPL_METADATASUBOK,
    RPL_METADATASUBS,
    RPL_METADATASYNCLATER,
    RPL_METADATAUNSUBOK,
)
from chatroom.doors.irc.profiles import rooms_reading
from chatroom.doors.irc.wire import NOTHING, IrcMessage, written
from chatroom.errors import Refused
from chatroom.events import Role
from chatroom.folding import fold
from chatroom.interfaces import RoomView

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

METADATA = "draft/metadata-3"

MOST_SYNCED = 100
"""People of a room whose metadata is sent by itself to one who joins it; of more, SYNC asks."""

WRITE = 5.0
"""Units of work of a change, which is kept at once."""


class MetadataTarget(NamedTuple):
    """
    Whose metadata it is.

    @ivar shown: what clients call it. @ivar nick: of a person; C{""}: it is a room.
    @ivar room: the room; C{None}: it is a person. @ivar mine: this client may change it.
    """

    shown: str
    nick: str
    room: RoomView | None
    mine: bool


async def metadata(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """METADATA target GET, LIST, SET, CLEAR, SUB, UNSUB, SUBS or SYNC."""
    if speaker.called == "*" and not speaker.has(METADATA):
        response.numeric(ERR_NOTREGISTERED, "Register first: send NICK and USER.")
        return
    params = message.params
    name, word, rest = params[0], params[1].upper(), params[2:]
    if word in _SUBSCRIBING:
        _SUBSCRIBING[word](speaker, rest, response)
        return
    target = _target(speaker, name)
    if target is None:
        response.fail("INVALID_TARGET", "There is no metadata for you there.", name or "*")
    elif word == "GET":
        response.batch(_asked(speaker, target, rest), "metadata", target.shown)
    elif word == "LIST":
        response.batch(_all(speaker, target, values_of(speaker, target)), "metadata", target.shown)
    elif word == "SYNC":
        response.batch(_synced(speaker, target), "metadata", target.shown)
    elif word == "SET":
        await _set(speaker, target, rest, response)
    elif word == "CLEAR":
        await _clear(speaker, target, response)
    else:
        response.fail("SUBCOMMAND_INVALID", "There is no such subcommand.", word)


def _target(speaker: IrcSpeaker, name: str) -> MetadataTarget | None:
    if speaker.called == "*":
        return MetadataTarget("*", "*", None, True) if name == "*" else None
    if name.startswith("#"):
        try:
            view = speaker.caller.view(room_of(name))
        except Refused:
            return None
        return MetadataTarget(f"#{view.name}", "", view, view.role >= Role.OPERATOR)
    person = speaker.caller.person_now(speaker.called if name == "*" else name)
    return None if person is None else MetadataTarget(person.nick, person.nick, None, speaker.is_me(person.nick))


def values_of(speaker: IrcSpeaker, target: MetadataTarget) -> Values:
    """All that is set."""
    if target.room is not None:
        return speaker.network.metadata.of_room(target.room)
    return values_of_person(speaker, target.nick)


def values_of_person(speaker: IrcSpeaker, nick: str) -> Values:
    """All that a person who is online has set; C{*}: the person of this client, which has no nickname yet."""
    network = speaker.network
    if nick == "*":
        return speaker.registration.metadata
    return network.metadata.of_account(nick) if network.is_account(nick) else network.profile(nick).metadata


# What is answered.


def _line(speaker: IrcSpeaker, target: str, key: str, value: str | None) -> bytes:
    what = (RPL_KEYNOTSET, "That key is not set.") if value is None else (RPL_KEYVALUE, "*", value)
    return written(what[0], speaker.called, target, key, *what[1:], source=speaker.network.host)


def _asked(speaker: IrcSpeaker, target: MetadataTarget, keys: Iterable[str]) -> Iterator[bytes]:
    values = values_of(speaker, target)
    for key in list(keys)[:MOST_KEYS]:
        if is_key(key.lower()):
            yield _line(speaker, target.shown, key.lower(), values.get(key.lower()))
        else:
            yield written("FAIL", "METADATA", "KEY_INVALID", key or "*", _NO_KEY, source=speaker.network.host)


_NO_KEY = "A key has up to 32 of a-z, 0-9, _, ., / and -."


def _all(speaker: IrcSpeaker, target: MetadataTarget, values: Values) -> Iterator[bytes]:
    for key, value in values.items():
        yield _line(speaker, target.shown, key, value)


def _synced(speaker: IrcSpeaker, target: MetadataTarget) -> Iterator[bytes]:
    """What the client has subscribed to, of a person or of a room and all who are in it, as far as a page holds it."""
    left = speaker.caller.page_bytes
    for shown, values in _sources(speaker, target):
        for key in speaker.subscriptions & values.keys():
            row = _line(speaker, shown, key, values[key])
            left -= len(row)
            if left < 0:
                return
            yield row


def _sources(speaker: IrcSpeaker, target: MetadataTarget) -> Iterator[tuple[str, Values]]:
    yield target.shown, values_of(speaker, target)
    if target.room is not None:
        for person in speaker.caller.people(target.room.name):
            yield person.nick, values_of_person(speaker, person.nick)


# What is changed.


async def arrived(speaker: IrcSpeaker, response: Response) -> None:
    """
    A client has a nickname now: its person has what it has set before, and an account what it had besides. It reads all
    of that.
    """
    registration, nick, inside = speaker.registration, speaker.called, speaker.response("METADATA")
    early, registration.metadata = registration.metadata, NOTHING
    target = MetadataTarget(nick, nick, None, True)
    if early:
        values = dict(values_of_person(speaker, nick))
        for key, value in early.items():
            if key in values or len(values) < MOST_KEYS:
                values[key] = value
            else:
                inside.fail("LIMIT_REACHED", f"There can be {MOST_KEYS} keys.", target.shown)
                break
        if values != values_of_person(speaker, nick):
            await _keep(speaker, target, values, inside)
    mine = values_of_person(speaker, nick)
    if mine and speaker.has(METADATA):
        inside.batch(_all(speaker, target, mine), "metadata", target.shown)
    response.raw(inside.taken())


async def take_along(speaker: IrcSpeaker) -> None:
    """A guest has become an account: it keeps what the guest has set, unless it has metadata of its own."""
    network, caller, profile = speaker.network, speaker.caller, speaker.profile
    if profile is None or not profile.metadata or caller.nick is None:
        return
    values, profile.metadata = profile.metadata, NOTHING
    if not network.metadata.of_account(caller.nick):
        with suppress(Refused):  # the store is full, or the database does not answer
            await network.metadata.set_account(caller, values)


async def _set(speaker: IrcSpeaker, target: MetadataTarget, rest: tuple[str, ...], response: Response) -> None:
    key, value = (rest[0].lower() if rest else ""), (rest[1] if len(rest) > 1 else "")
    values = dict(values_of(speaker, target))
    if not is_key(key):
        response.fail("KEY_INVALID", _NO_KEY, key or "*")
    elif not target.mine:
        response.fail("KEY_NO_PERMISSION", "You cannot change that.", target.shown, key)
    elif not is_value(value):
        response.fail("INVALID_VALUE", "That value is too long, or cannot be shown.", key)
    elif value and key not in values and len(values) >= MOST_KEYS:
        response.fail("LIMIT_REACHED", f"There can be {MOST_KEYS} keys.", target.shown)
    else:
        values.pop(key, None)
        if value:
            values[key] = value
        if await _keep(speaker, target, values, response):
            response.raw(_line(speaker, target.shown, key, value or None))
            with suppress(Refused):
                _tell(speaker, target, {key: value or None})


async def _clear(speaker: IrcSpeaker, target: MetadataTarget, response: Response) -> None:
    if not target.mine:
        response.fail("KEY_NO_PERMISSION", "You cannot change that.", target.shown, "*")
        return
    before = values_of(speaker, target)
    if before and await _keep(speaker, target, {}, response):
        with suppress(Refused):
            _tell(speaker, target, dict.fromkeys(before))
    response.batch([_line(speaker, target.shown, key, None) for key in before], "metadata", target.shown)


async def _keep(speaker: IrcSpeaker, target: MetadataTarget, values: Values, response: Response) -> bool:
    """@return: whether it is so now; else that was answered."""
    caller, network = speaker.caller, speaker.network
    if speaker.called == "*":
        speaker.registration.metadata = values
        return True
    speaker.conversation.charge(WRITE)
    try:
        if target.room is not None:
            await network.metadata.set_room(target.room, values)
        else:
            rooms_reading(speaker)  # who is muted says nothing of themselves either
            if caller.account:
                await network.metadata.set_account(caller, values)
            else:
                network.profile(target.nick).metadata = values
    except Refused as refused:
        code = "LIMIT_REACHED" if refused.code == "limit" else "KEY_NO_PERMISSION"
        response.fail(code, refused.sentence, target.shown, *(() if code == "LIMIT_REACHED" else ("*",)))
        return False
    return True


def _tell(speaker: IrcSpeaker, target: MetadataTarget, changes: dict[str, str | None]) -> None:
    """Others who have subscribed to it, and are in the room or in one with the person. @raise Refused:"""
    network = speaker.network
    if target.room is not None:
        shown, readers = target.shown, [each for each in network.hearing(target.room.name) if each.has(METADATA)]
    else:
        shown, readers = target.nick, network.around(speaker, METADATA, rooms_reading(speaker))
    for reader in readers:
        for key, value in changes.items():
            if reader is not speaker and key in reader.subscriptions:
                reader.tell_soon(_line(reader, shown, key, value))


# Subscriptions.


def _subscribe(speaker: IrcSpeaker, keys: tuple[str, ...], response: Response) -> None:
    for key in dict.fromkeys(each.lower() for each in keys):
        if not is_key(key):
            response.fail("KEY_INVALID", _NO_KEY, key or "*")
        elif key not in speaker.subscriptions and len(speaker.subscriptions) >= MOST_SUBSCRIPTIONS:
            response.fail("TOO_MANY_SUBS", f"You can subscribe to {MOST_SUBSCRIPTIONS} keys.", key)
            break
        else:
            speaker.subscriptions.add(key)
            response.numeric(RPL_METADATASUBOK, key)
    for room in speaker.caller.rooms:
        response.numeric(RPL_METADATASYNCLATER, f"#{room}", "1")


def _unsubscribe(speaker: IrcSpeaker, keys: tuple[str, ...], response: Response) -> None:
    for key in dict.fromkeys(each.lower() for each in keys[:MOST_SUBSCRIPTIONS]):
        speaker.subscriptions.discard(key)
        response.numeric(RPL_METADATAUNSUBOK, key or "*")


def _subscriptions(speaker: IrcSpeaker, keys: tuple[str, ...], response: Response) -> None:
    host, nick = speaker.network.host, speaker.called
    lines = [written(RPL_METADATASUBS, nick, key, source=host) for key in sorted(speaker.subscriptions)]
    response.batch(lines, "metadata", "*")


_SUBSCRIBING = {"SUB": _subscribe, "UNSUB": _unsubscribe, "SUBS": _subscriptions}


def joined(speaker: IrcSpeaker, room: str, response: Response) -> None:
    """
    A client has joined a room. It reads the metadata there that it has subscribed to. Clients in the room read the
    metadata of its person.
    """
    if not speaker.has(METADATA):
        return
    mine = values_of_person(speaker, speaker.called)
    try:
        speaker.caller.check_may_talk(room)
    except Refused:  # nobody there reads what this person says
        mine = NOTHING
    for reader in speaker.network.hearing(room) if mine else ():
        if reader is not speaker and reader.has(METADATA) and fold(speaker.called) not in reader.caller.ignored:
            for key in reader.subscriptions & mine.keys():
                reader.tell_soon(_line(reader, speaker.called, key, mine[key]))
    if not speaker.subscriptions:
        return
    view = speaker.caller.view(room)
    if view.people_total > MOST_SYNCED:
        response.numeric(RPL_METADATASYNCLATER, f"#{room}", "1")
    else:
        for line in _synced(speaker, MetadataTarget(f"#{room}", "", view, False)):
            response.raw(line)

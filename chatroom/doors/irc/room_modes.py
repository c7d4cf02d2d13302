"""
MODE: what a room is, who has which rank in it and who is banned; and what a person is.

RFC 2811, 4; https://modern.ircdocs.horse/#mode-message. Each change is one of the server's own commands, with its
guards, and reads back as the event that it makes. It knows the speaker.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from chatroom.doors.irc.channel_names import room_of
from chatroom.doors.irc.masks import Mask, mask_of, parsed_mask
from chatroom.doors.irc.modes import BOT, RANKS, WITH_LIST, ModeChange, room_modes, user_modes
from chatroom.doors.irc.numerics import (
    ERR_INVALIDMODEPARAM,
    ERR_NOSUCHCHANNEL,
    ERR_NOSUCHNICK,
    ERR_NOTONCHANNEL,
    ERR_NOTREGISTERED,
    ERR_UMODEUNKNOWNFLAG,
    ERR_UNKNOWNMODE,
    ERR_USERNOTINCHANNEL,
    ERR_USERSDONTMATCH,
    RPL_BANLIST,
    RPL_CHANNELMODEIS,
    RPL_CREATIONTIME,
    RPL_ENDOFBANLIST,
    RPL_ENDOFINVEXLIST,
    RPL_INVEXLIST,
    RPL_NOWAWAY,
    RPL_UMODEIS,
    RPL_UNAWAY,
)
from chatroom.doors.irc.splitting import beginning
from chatroom.doors.irc.staff import OPERATOR, operate_no_more
from chatroom.doors.irc.wire import IrcMessage
from chatroom.errors import BadArguments, NoSuchPerson, NoSuchRoom, NotAllowed, NotInRoom, Refused
from chatroom.events import MUTE, OPERATORS, RoomMuted, Sanctioned
from chatroom.interfaces import RoomView

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

PRE_AWAY = 300
"""Bytes of why somebody is away who is not online yet."""

_NO_KEY = re.compile(r"[\s,]")
"""What a password cannot have that a client sends with several others in one JOIN."""


_RANK_WORDS = {"o": ("op", "deop"), "v": ("voice", "unvoice")}
_FLAG_WORDS = {"m": "moderated", "s": "unlisted", "t": "opentopic"}


async def mode(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """MODE of a room or of a person, shown or changed."""
    target, params = message.params[0], message.params[1:]
    if not target.startswith("#"):
        await _user(speaker, target, params, response)
        return
    view = _view(speaker, target, response)
    if view is None:
        return
    if not params:
        password = (_shown_password(speaker, view),) if view.locked else ()
        limit = (str(view.capacity),) if view.capacity else ()
        response.numeric(RPL_CHANNELMODEIS, f"#{view.name}", f"+{_flags(view)}", *password, *limit)
        response.numeric(RPL_CREATIONTIME, f"#{view.name}", str(int(view.created)))
        return
    asked = room_modes(params)
    for letter in asked.unknown:
        response.numeric(ERR_UNKNOWNMODE, letter, f"No room here has the mode {letter}.")
    speaker.costs(len(asked.changes))
    for change in asked.changes:
        try:
            await _change(speaker, view, change, response)
        except Refused as refused:
            _refuse(view, change, refused, response)
    if asked.left_over:
        response.numeric(ERR_UNKNOWNMODE, "*", "That was more than one MODE may change; the rest was left out.")


def _view(speaker: IrcSpeaker, channel: str, response: Response) -> RoomView | None:
    try:
        return speaker.caller.view(room_of(channel))
    except NotInRoom as refused:
        response.numeric(ERR_NOTONCHANNEL, channel, refused.sentence)
    except NoSuchRoom as refused:
        response.numeric(ERR_NOSUCHCHANNEL, channel, refused.sentence)
    return None


def _shown_password(speaker: IrcSpeaker, view: RoomView) -> str:
    """Clients join again with what they read here, so they read what they gave. Others do not learn the password."""
    given = speaker.password_of(view)
    return given if given and not given.startswith(":") and not _NO_KEY.search(given) else "*"


def _flags(view: RoomView) -> str:
    """The letters that are set, without their parameters."""
    on = {
        "i": view.invite_only, "k": view.locked, "l": view.capacity, "m": view.moderated, "n": True,
        "s": view.unlisted, "t": view.topic_by == OPERATORS,
    }  # fmt: skip
    return "".join(letter for letter, is_on in on.items() if is_on)


async def _change(speaker: IrcSpeaker, view: RoomView, change: ModeChange, response: Response) -> None:
    """Do one of them. @raise Refused:"""
    room, given = view.name, change.parameter
    if change.letter in WITH_LIST:
        await (_ban if change.letter == "b" else _admit)(speaker, room, change, response)
    elif change.letter in RANKS:
        if not given:
            raise BadArguments(f"MODE {'+' if change.on else '-'}{change.letter} needs a nickname.")
        await speaker.asks(_RANK_WORDS[change.letter][not change.on], nick=given, room=room)
    elif change.letter == "l":
        await _limit(speaker, room, given or "" if change.on else None)
    elif change.letter == "k":
        if change.on and (not given or _NO_KEY.search(given)):
            raise BadArguments("MODE +k needs a password without blanks and commas, as JOIN cannot have them.")
        if change.on or view.locked:
            await speaker.asks("password", room=room, **({"password": given or ""} if change.on else {}))
            speaker.gave(room, given or "")
    elif change.letter == "i":
        await speaker.asks("private" if change.on else "public", room=room)
    elif change.letter in _FLAG_WORDS:
        word = _FLAG_WORDS[change.letter]
        await speaker.asks(word, room=room, on="on" if change.on is (word != "opentopic") else "off")


async def _limit(speaker: IrcSpeaker, room: str, given: str | None) -> None:
    """@param given: how many people; C{None}: any number."""
    if given is not None and not (given.isdigit() and given.strip("0")):
        raise BadArguments("MODE +l needs a number of people.")
    await speaker.asks("capacity", room=room, people="off" if given is None else given)


async def _ban(speaker: IrcSpeaker, room: str, change: ModeChange, response: Response) -> None:
    if not change.parameter:
        _show_bans(speaker, room, response)
        return
    mask = await _meant(speaker, change)
    word = "mute" if mask.mute else "ban"
    lasting = {"duration": "forever"} if mask.mute and change.on else {}
    await speaker.asks(word if change.on else f"un{word}", nick=mask.nick, room=room, **lasting)


async def _admit(speaker: IrcSpeaker, room: str, change: ModeChange, response: Response) -> None:
    if change.parameter:
        mask = await _meant(speaker, change)
        if mask.mute:
            raise BadArguments("A mute is a ban here: use the mode b.")
        await speaker.asks("admit" if change.on else "unadmit", nick=mask.nick, room=room)
        return
    with suppress(NotAllowed):
        for act in speaker.caller.admitted(room):
            response.numeric(RPL_INVEXLIST, f"#{room}", mask_of(act.who), act.nick, str(int(act.at)))
    response.numeric(RPL_ENDOFINVEXLIST, f"#{room}", "End of the list of people who may join at any time.")


async def _meant(speaker: IrcSpeaker, change: ModeChange) -> Mask:
    """Whom a mask means. @raise BadArguments: @raise NoSuchPerson: there is no such account, which is to be set."""
    mask = parsed_mask(change.parameter or "", speaker.network.host)
    if mask.account and change.on and (await speaker.caller.person(mask.nick))[1] is None:
        raise NoSuchPerson("There is no account of that name. Without a: the mask means the person with that nickname.")
    return mask


def _show_bans(speaker: IrcSpeaker, room: str, response: Response) -> None:
    """Operators read the list. Other people read what is on themselves, as clients ask for the list in every room."""
    try:
        acts = speaker.caller.bans(room)
    except NotAllowed:
        acts = speaker.caller.holds_on_me(room)
    for act in acts:
        nick = act.target if isinstance(act, Sanctioned) else act.who
        mute = isinstance(act, RoomMuted) or (isinstance(act, Sanctioned) and act.act == MUTE)
        if isinstance(act, Sanctioned):
            nick = speaker.caller.called_now(act) or nick
        response.numeric(RPL_BANLIST, f"#{room}", mask_of(nick, mute=mute), act.nick, str(int(act.at)))
    response.numeric(RPL_ENDOFBANLIST, f"#{room}", "End of the list of bans.")


def _refuse(view: RoomView, change: ModeChange, refused: Refused, response: Response) -> None:
    sign = "+" if change.on else "-"
    if isinstance(refused, BadArguments) or (change.letter in "kl" and refused.code == "unlawful"):
        given = "*" if change.letter == "k" else change.parameter or "*"  # a password is not sent back
        response.numeric(ERR_INVALIDMODEPARAM, f"#{view.name}", change.letter, given, refused.sentence)
    elif change.letter in RANKS and isinstance(refused, NotInRoom):
        response.numeric(ERR_USERNOTINCHANNEL, change.parameter or "*", f"#{view.name}", refused.sentence)
    elif refused.code == "no-such-person":
        response.numeric(ERR_NOSUCHNICK, change.parameter or "*", refused.sentence)
    elif refused.code != "not-found":
        response.refuse(refused, f"#{view.name}")
    else:
        response.notice(f"{sign}{change.letter}: {refused.sentence}")


async def _user(speaker: IrcSpeaker, nick: str, params: tuple[str, ...], response: Response) -> None:
    """A person's modes say what they are. Of these, one sets oneself that one is a bot."""
    if not speaker.is_me(nick):
        known = speaker.caller.person_now(nick) is not None
        response.numeric(
            ERR_USERSDONTMATCH if known else ERR_NOSUCHNICK,
            *(() if known else (nick,)),
            "You can see your own modes only.",
        )
        return
    asked = user_modes(params)
    if asked.unknown:
        response.numeric(ERR_UMODEUNKNOWNFLAG, "Nobody here has such a mode.")
    for change in asked.changes:
        if change.letter == BOT:
            await speaker.asks("bot", on="on" if change.on else "off")
            response.from_person("MODE", speaker.called, f"{'+' if change.on else '-'}{BOT}")
        elif change.letter == OPERATOR and not change.on:
            await operate_no_more(speaker, response)
    if not params:
        me = speaker.caller.person_now(nick)
        letters = "i"
        if me is not None:
            letters += ("B" if me.bot else "") + ("o" if me.staff else "") + ("r" if me.account else "")
        response.numeric(RPL_UMODEIS, f"+{letters}")


async def away(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """AWAY: gone for a while, or back."""
    text = message.params[0] if message.params else ""
    if speaker.called == "*":  # draft/pre-away: it is so from the beginning
        if speaker.has("draft/pre-away"):
            speaker.registration.pre_away = beginning(text, PRE_AWAY)
        else:
            response.numeric(ERR_NOTREGISTERED, "Register first: send NICK and USER.")
        return
    if text:
        await speaker.asks("away", text=text)
        response.numeric(RPL_NOWAWAY, "You are marked as away.")
    else:
        await speaker.asks("back")
        response.numeric(RPL_UNAWAY, "You are no longer marked as away.")

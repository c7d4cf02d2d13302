"""
The numbers of replies, and the number that each kind of refusal has.

https://modern.ircdocs.horse/#numerics; IRCv3 standard-replies for what has none. Every code of a
L{chatroom.errors.Refused} has a number here, or C{FAIL}: a test compares the two. It knows codes, and no connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from chatroom.errors import Refused

RPL_WELCOME, RPL_YOURHOST, RPL_CREATED, RPL_MYINFO, RPL_ISUPPORT = "001", "002", "003", "004", "005"
RPL_UMODEIS, RPL_LUSERCLIENT, RPL_LUSEROP, RPL_LUSERUNKNOWN, RPL_LUSERCHANNELS = "221", "251", "252", "253", "254"
RPL_LUSERME, RPL_ADMINME, RPL_ADMINLOC1, RPL_ADMINLOC2, RPL_ADMINEMAIL = "255", "256", "257", "258", "259"
RPL_LOCALUSERS, RPL_GLOBALUSERS, RPL_AWAY, RPL_USERHOST, RPL_ISON = "265", "266", "301", "302", "303"
RPL_UNAWAY, RPL_NOWAWAY, RPL_WHOISUSER, RPL_WHOISSERVER, RPL_WHOISOPERATOR = "305", "306", "311", "312", "313"
RPL_WHOWASUSER, RPL_ENDOFWHO, RPL_ENDOFWHOIS, RPL_WHOISCHANNELS, RPL_LISTSTART = "314", "315", "318", "319", "321"
RPL_LIST, RPL_LISTEND, RPL_CHANNELMODEIS, RPL_CREATIONTIME, RPL_WHOISACCOUNT = "322", "323", "324", "329", "330"
RPL_NOTOPIC, RPL_TOPIC, RPL_TOPICWHOTIME, RPL_WHOISBOT, RPL_WHOISACTUALLY = "331", "332", "333", "335", "338"
RPL_INVITING, RPL_VERSION, RPL_WHOREPLY, RPL_NAMREPLY, RPL_WHOSPCRPL = "341", "351", "352", "353", "354"
RPL_ENDOFNAMES, RPL_BANLIST, RPL_ENDOFBANLIST, RPL_ENDOFWHOWAS, RPL_INFO = "366", "367", "368", "369", "371"
RPL_MOTD, RPL_ENDOFINFO, RPL_MOTDSTART, RPL_ENDOFMOTD = "372", "374", "375", "376"
RPL_YOUREOPER, RPL_TIME = "381", "391"
RPL_HELPSTART, RPL_HELPTXT, RPL_ENDOFHELP, RPL_MONOFFLINE, RPL_MONLIST = "704", "705", "706", "731", "732"
RPL_MONONLINE, RPL_ENDOFMONLIST, RPL_LOGGEDIN, RPL_SASLSUCCESS, RPL_SASLMECHS = "730", "733", "900", "903", "908"

ERR_UNKNOWNERROR, ERR_NOSUCHNICK, ERR_NOSUCHCHANNEL, ERR_CANNOTSENDTOCHAN = "400", "401", "403", "404"
ERR_TOOMANYCHANNELS, ERR_WASNOSUCHNICK, ERR_TOOMANYTARGETS, ERR_NOORIGIN = "405", "406", "407", "409"
ERR_INVALIDCAPCMD, ERR_NORECIPIENT, ERR_NOTEXTTOSEND, ERR_INPUTTOOLONG = "410", "411", "412", "417"
ERR_UNKNOWNCOMMAND, ERR_NOMOTD, ERR_NONICKNAMEGIVEN, ERR_ERRONEUSNICKNAME = "421", "422", "431", "432"
ERR_NICKNAMEINUSE, ERR_USERNOTINCHANNEL, ERR_NOTONCHANNEL, ERR_USERONCHANNEL = "433", "441", "442", "443"
ERR_NOTREGISTERED, ERR_NEEDMOREPARAMS, ERR_ALREADYREGISTERED, ERR_PASSWDMISMATCH = "451", "461", "462", "464"
ERR_YOUREBANNEDCREEP, ERR_CHANNELISFULL, ERR_UNKNOWNMODE, ERR_INVITEONLYCHAN = "465", "471", "472", "473"
ERR_BANNEDFROMCHAN, ERR_BADCHANNELKEY, ERR_BADCHANMASK, ERR_BANLISTFULL = "474", "475", "476", "478"
ERR_NOPRIVILEGES, ERR_CHANOPRIVSNEEDED, ERR_NOOPERHOST, ERR_UMODEUNKNOWNFLAG = "481", "482", "491", "501"
ERR_USERSDONTMATCH, ERR_HELPNOTFOUND, ERR_INVALIDMODEPARAM, ERR_MONLISTFULL = "502", "524", "696", "734"
ERR_SASLFAIL, ERR_SASLABORTED, RPL_ENDOFLINKS = "904", "906", "365"
RPL_WHOISKEYVALUE, RPL_KEYVALUE, RPL_KEYNOTSET, RPL_METADATASUBOK = "760", "761", "766", "770"
RPL_METADATAUNSUBOK, RPL_METADATASUBS, RPL_METADATASYNCLATER = "771", "772", "774"
RPL_INVITELIST, RPL_ENDOFINVITELIST, RPL_INVEXLIST, RPL_ENDOFINVEXLIST = "336", "337", "346", "347"

FAIL = "FAIL"
"""IRCv3 standard-replies: what is answered where no number says it."""


class About(Enum):
    """What stands between a number and its sentence: more than one, in this order."""

    NOTHING = ()
    ROOM = ("room",)
    NICK = ("nick",)
    BOTH = ("nick", "room")
    VERB = ("verb",)


class Shape(NamedTuple):
    """A number, and what it is about."""

    numeric: str
    about: About


_ROOM_REFUSALS: dict[str, str] = {
    "no-such-room": ERR_NOSUCHCHANNEL,
    "room-closed": ERR_INVITEONLYCHAN,
    "wants-password": ERR_BADCHANNELKEY,
    "room-locked": ERR_INVITEONLYCHAN,
    "room-full": ERR_CHANNELISFULL,
    "banned": ERR_BANNEDFROMCHAN,
    "muted": ERR_CANNOTSENDTOCHAN,
    "moderated": ERR_CANNOTSENDTOCHAN,
    "too-soon": ERR_CANNOTSENDTOCHAN,
    "filtered": ERR_CANNOTSENDTOCHAN,
}

SHAPES: Mapping[str, Shape] = {
    **{code: Shape(numeric, About.ROOM) for code, numeric in _ROOM_REFUSALS.items()},
    "not-in-room": Shape(ERR_NOTONCHANNEL, About.ROOM),
    "not-allowed": Shape(ERR_NOPRIVILEGES, About.NOTHING),
    "nick-taken": Shape(ERR_NICKNAMEINUSE, About.NICK),
    "nick-owned": Shape(ERR_NICKNAMEINUSE, About.NICK),
    "no-such-person": Shape(ERR_NOSUCHNICK, About.NICK),
    "not-registered": Shape(ERR_NOTREGISTERED, About.NOTHING),
    "wrong-password": Shape(ERR_PASSWDMISMATCH, About.NOTHING),
    "unknown-command": Shape(ERR_UNKNOWNCOMMAND, About.VERB),
    "internal": Shape(ERR_UNKNOWNERROR, About.VERB),
    "bad-arguments": Shape(ERR_NEEDMOREPARAMS, About.VERB),
}
"""By the code of a refusal, whatever was asked for. What is not here is L{FAIL}, or has a number for one verb."""

FOR_VERB: Mapping[tuple[str, str], Shape] = {
    ("NICK", "unlawful"): Shape(ERR_ERRONEUSNICKNAME, About.NICK),
    ("NICK", "not-allowed"): Shape(ERR_ERRONEUSNICKNAME, About.NICK),
    ("NICK", "bad-arguments"): Shape(ERR_NONICKNAMEGIVEN, About.NOTHING),
    ("JOIN", "unlawful"): Shape(ERR_BADCHANMASK, About.ROOM),
    ("JOIN", "limit"): Shape(ERR_TOOMANYCHANNELS, About.ROOM),
    ("JOIN", "wrong-password"): Shape(ERR_BADCHANNELKEY, About.ROOM),
    ("JOIN", "not-allowed"): Shape(ERR_INVITEONLYCHAN, About.ROOM),
    ("JOIN", "needs-account"): Shape(ERR_INVITEONLYCHAN, About.ROOM),
    ("PRIVMSG", "not-in-room"): Shape(ERR_CANNOTSENDTOCHAN, About.ROOM),
    ("NOTICE", "not-in-room"): Shape(ERR_CANNOTSENDTOCHAN, About.ROOM),
    ("PRIVMSG", "unlawful"): Shape(ERR_NOTEXTTOSEND, About.NOTHING),
    ("NOTICE", "unlawful"): Shape(ERR_NOTEXTTOSEND, About.NOTHING),
    ("MODE", "limit"): Shape(ERR_BANLISTFULL, About.ROOM),
    ("PASS", "unlawful"): Shape(ERR_PASSWDMISMATCH, About.NOTHING),
}
"""By a verb and a code, where the verb makes a difference."""

FAILS = frozenset(
    (
        "refused", "unlawful", "needs-account", "account-disabled", "slow-down", "busy", "bad-request", "room-exists",
        "lockdown", "limit", "not-kept", "not-found", "stopped",
    )
)  # fmt: skip
"""Codes that no number says: C{FAIL VERB CODE :sentence}, with the code in capital letters and underscores."""


class NumericReply(NamedTuple):
    """
    What a refusal is answered with.

    @ivar command: a number, whose first parameter is the client's nickname, or L{FAIL}, which has none.
    @ivar params: what follows, without the sentence.
    """

    command: str
    params: tuple[str, ...]


def reply_to(refused: Refused, verb: str, *, room: str = "", nick: str = "") -> NumericReply:
    """
    How a refusal is answered.

    @param verb: the command that was refused, in capital letters.
    @param room: the room it was about, with its hash, or C{""}. @param nick: the person it was about, or C{""}.
    """
    shape = _shape(refused.code, verb, room, nick)
    if shape is None:
        about = (room,) if room else (nick,) if nick else ()
        return NumericReply(FAIL, (verb or "*", refused.code.replace("-", "_").upper(), *about))
    given = {"room": room, "nick": nick, "verb": verb}
    return NumericReply(shape.numeric, tuple(given[each] or "*" for each in shape.about.value))


def _shape(code: str, verb: str, room: str, nick: str) -> Shape | None:
    special = FOR_VERB.get((verb, code))
    if special is not None:
        return special
    if code == "no-such-person" and room and verb in ("PRIVMSG", "NOTICE"):
        return Shape(ERR_CANNOTSENDTOCHAN, About.ROOM)  # nobody of those that @#room means
    if code == "not-in-room" and nick:
        return Shape(ERR_USERNOTINCHANNEL, About.BOTH)
    if code == "not-allowed" and room:
        return Shape(ERR_CHANOPRIVSNEEDED, About.ROOM)
    if not room and code in _ROOM_REFUSALS:
        return Shape(ERR_YOUREBANNEDCREEP, About.NOTHING) if code == "banned" else _without_room(code)
    return SHAPES.get(code)


def _without_room(code: str) -> Shape | None:
    """No number says of a person that they may not talk; of a room that does not exist, one does."""
    return SHAPES[code] if code == "no-such-room" else None

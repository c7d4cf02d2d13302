"""
Did you mean: what to type in place of a word that is no command here.

People mistype words, and bring words from IRC, Slack and Discord. Here are one table of those words and one rule for
near misses. They only name what to type: nothing is run in place of what was typed. This module knows words, and not
which commands exist: the server's caller does.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

INSTEAD = {
    # IRC.
    "n": "/who", "users": "/who", "people": "/who", "members": "/who", "nicks": "/who",
    "h": "/help", "man": "/help", "usage": "/help",
    "q": "/quit", "logoff": "/quit", "disconnect": "/quit",
    "query": "@nick text", "privmsg": "@nick text", "notice": "@nick text", "ctcp": "@nick text",
    "mode": "/op, /ban, /private, /password or /slow", "chmode": "/op, /ban, /private, /password or /slow",
    "halfop": "/op NICK", "limit": "/capacity PEOPLE", "userlimit": "/capacity PEOPLE", "secret": "/unlisted on",
    "admin": "/staff", "opers": "/staff", "ops": "/who",
    "kickban": "/ban NICK", "kb": "/ban NICK", "quiet": "/mute NICK",
    "silence": "/ignore NICK",
    "whowas": "/info NICK", "version": "/info", "lusers": "/info", "stats": "/info",
    "ping": "/info",
    "nickserv": "/login NICK", "ns": "/login NICK", "identify": "/login NICK", "auth": "/login NICK",
    "register": "/signup", "chanserv": "/create ROOM", "cs": "/create ROOM", "action": "/me TEXT",
    "knock": "/join ROOM", "cycle": "/leave and /join ROOM", "rejoin": "/join ROOM", "channels": "/rooms",
    "log": "/history", "logs": "/history", "lastlog": "/search WORDS", "grep": "/search WORDS",
    "scrollback": "/history", "backlog": "/history", "finger": "/info NICK", "seen": "/info NICK", "uptime": "/info",
    "time": "/zone", "date": "/zone", "clock": "/zone", "pwd": "/look", "where": "/look", "banlist": "/bans",
    "akill": "/gban NICK", "unakill": "/gunban NICK", "ungline": "/gunban NICK", "unkline": "/gunban NICK",
    "unshun": "/gunmute NICK", "unquiet": "/unmute NICK", "unsilence": "/unignore NICK", "dehalfop": "/deop NICK",
    # Slack and Discord.
    "dm": "@nick text", "pm": "@nick text", "message": "@nick text", "im": "@nick text", "open": "/join ROOM",
    "rename": "/nick NICK", "nickname": "/nick NICK", "name": "/nick NICK", "username": "/nick NICK",
    "channel": "/rooms", "room": "/rooms", "ls": "/rooms", "cd": "/look ROOM", "goto": "/look ROOM", "go": "/look ROOM",
    "afk": "/away", "brb": "/away", "dnd": "/away", "status": "/away", "active": "/back", "online": "/who",
    "block": "/ignore NICK", "unblock": "/unignore NICK", "timeout": "/mute NICK", "untimeout": "/unmute NICK",
    "deoper": "/unoper", "operwall": "/wallops TEXT", "globops": "/wallops TEXT",
    "unmod": "/deop NICK", "boot": "/kick NICK", "tempban": "/ban NICK 1d", "permaban": "/ban NICK",
    "gag": "/mute NICK", "ungag": "/unmute NICK", "warn": "@nick text", "pin": "/topic TEXT", "raid": "/lockdown",
    "hide": "/private", "unhide": "/public", "setname": "/nick NICK", "setnick": "/nick NICK", "enter": "/join ROOM",
    "remove": "/kick NICK", "pardon": "/unban NICK", "archive": "/close ROOM", "delete": "/close ROOM",
    "new": "/create ROOM", "make": "/create ROOM", "add": "/invite NICK", "role": "/op NICK", "mod": "/op NICK",
    "unread": "/missed", "catchup": "/missed", "mentions": "/search WORDS",
    "emote": "/me TEXT", "describe": "/topic TEXT", "title": "/topic TEXT", "subject": "/topic TEXT",
    "account": "/whoami", "profile": "/whoami", "id": "/whoami", "signin": "/login NICK",
    "logon": "/login NICK", "su": "/login NICK", "signout": "/logout", "pass": "/passwd", "pw": "/passwd",
    "abuse": "/report NICK REASON", "flag": "/report NICK REASON", "faq": "/rules",
}  # fmt: skip
"""By a word of another chat that is no command here, what to type."""

NOWHERE = {
    word: why
    for words, why in {
        "clear cls": "Your terminal clears its own screen; Ctrl+L does it in many.",
        "edit undo unsend": "Nobody can change a message that was sent.",
        "purge": "Nobody can change a message that was sent. /close ROOM closes a room and deletes its history.",
        "react": "There are no reactions here: answer with a message.",
        "upload file": "There are no files here: send a link.",
        "image gif giphy sticker": "There are no pictures here: send a link.",
        "call video huddle": "There are no calls here: send a link.",
        "thread": "There are no threads here: /create ROOM makes a room.",
        "color colour colors colours theme": "Your terminal, or your browser, chooses how messages look.",
        "settings preferences prefs": "/nick changes your nickname, /zone your time zone, /passwd your password.",
        "connect server": "You are connected. To change to another server, /quit and connect there.",
        "shutdown restart die rehash reload": "Only someone who runs this server can do that, on its machine.",
    }.items()
    for word in words.split()
}
"""By a word for something that cannot be done here, why not."""

HELP_WORDS = frozenset({"help", "?", "??", "commands", "man"})
"""Words alone on a line by which people ask for help."""

LEAVE_WORDS = frozenset({"quit", "exit", "logout", "logoff", "q", ":q", ":q!", ":wq", "bye"})
"""Words alone on a line by which people want to leave."""

HINTED = (HELP_WORDS | LEAVE_WORDS) - {"bye"}
"""Words alone on a line, in small letters, that L{hint_for} knows. None is longer than 8 letters."""

LOGIN_WORDS = frozenset({"login", "logon", "signin", "sign in", "log in", "signup", "sign up", "register"})
"""Words alone on a line by which people want to use an account, before they have a nickname."""

LOGIN_HINT = (
    "To log in to your account, type /login NICK. To make an account, choose a nickname first, then type /signup."
)

_SHORT = 3
"""Letters: a word of so many is the beginning of another one rather than a slip."""

_LONGEST = 32


def instead_of(word: str, commands: tuple[str, ...]) -> str:
    """
    A sentence that names what was probably meant; C{""} if nothing is near.

    @param word: what was typed, without its slash. @param commands: the words that the person can use.
    """
    word = word[:_LONGEST].lower()
    if word in NOWHERE:
        return NOWHERE[word]
    meant = INSTEAD.get(word, "")
    if not meant:
        meant = " or ".join(f"/{each}" for each in _near(word, commands))
    return f"Did you mean {meant}?" if meant else ""


@lru_cache(maxsize=256)
def _near(word: str, commands: tuple[str, ...]) -> tuple[str, ...]:
    """Those that begin so or are nearly it. People mistype the same words again, and to compare them all takes long."""
    begun = [each for each in commands if len(word) <= _SHORT and each.startswith(word)]
    return tuple((begun or get_close_matches(word, commands, 2, 0.72))[:3])


def hint_for(line: str) -> str:
    """What to tell a person in a room, beside sending their line, when all of the line is one of these words."""
    word = line.strip().lower() if len(line) <= _LONGEST else ""
    if word not in HINTED:
        return ""
    what = "see the commands, type /help" if word in HELP_WORDS else "leave, type /quit"
    return f"Everyone in the room has read that. To {what}."

"""
Whispers that wait for the absent: who may leave one, and what the sender reads.

It knows accounts and texts; where mail is kept is a backend's affair.
"""

from __future__ import annotations

from chatroom.core.cleaning import is_blank, is_plain, message, quoted
from chatroom.core.names import fold
from chatroom.errors import NoSuchPerson, Unlawful
from chatroom.records import Account, Mail


def whisper_text(text: str, longest: int, lines: int) -> str:
    """
    What may be whispered.

    @param longest: characters. @param lines: lines.
    @raise Unlawful: it is empty or too long.
    """
    if is_plain(text, longest):
        return text
    text = message(text, longest, lines)
    if is_blank(text):
        raise Unlawful("Missing TEXT. Usage: @nick text")
    return text


def letter(at: float, sender: str, to: str, account: Account | None, text: str) -> Mail | None:
    """
    A whisper for somebody who is not on line.

    @return: what to keep, or C{None} where the one meant does not want to read this sender, who is not told.
    @raise NoSuchPerson: nobody of that name has an account.
    """
    if account is None:
        raise NoSuchPerson(_nobody(to))
    if fold(sender) in account.ignored:
        return None
    return Mail(at, sender, account.key, text)


_SERVICES = {
    "nickserv": "NickServ answers IRC clients alone. Here, /login NICK logs in, and /signup creates an account.",
    "chanserv": "ChanServ answers IRC clients alone. Here, /create ROOM makes a room, and /help lists the rest.",
}
"""What people of IRC networks send a message to, by its key, and what to type instead."""


def _nobody(to: str) -> str:
    """What to tell the sender of a whisper to a name that is nobody's."""
    if to.startswith("#") and len(to) > 1:
        return f"{quoted(to)} is no person. /join ROOM joins a room; /tellops TEXT reaches its operators alone."
    nobody = f"There is no person or account called {quoted(to)}. /who lists who is here."
    return _SERVICES.get(fold(to.partition("@")[0]), nobody)

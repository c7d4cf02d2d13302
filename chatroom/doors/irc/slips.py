"""
What an IRC client sends as talk though it may hold a password: C{NickServ identify pw} without its slash, or a command
behind a blank. Nobody else reads it.

L{chatroom.meaning} knows such lines. Here is what the person is to type instead, in the words of IRC clients. It knows
text, and no speaker.
"""

from __future__ import annotations

from chatroom.errors import Filtered
from chatroom.meaning import secret_in

_INSTEAD = {
    "login": "To log in, type /msg NickServ IDENTIFY PASSWORD",
    "signup": "To make an account, type /msg NickServ REGISTER PASSWORD",
    "passwd": "To change your password, type /msg NickServ SET PASSWORD OLD NEW",
    "oper": "To use the role of an account, type /oper NAME PASSWORD",
}
"""By the command of ours that was probably meant."""


def refusal_of(text: str) -> Filtered | None:
    """Why a text is sent to nobody; C{None}: there is no password in it."""
    slip = secret_in(text)
    if slip is None:
        return None
    instead = _INSTEAD.get(slip.word, f"To see how it is used, type /quote HELP {slip.word.upper()}")
    return Filtered(
        f"That looks like a command with a password, so nobody else has read it. {instead}. "
        "To send it all the same, put another word before it."
    )

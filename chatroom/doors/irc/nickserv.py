"""
NickServ: accounts, with the words that IRC clients and people use for them.

An account has one nickname, which is its name, and may be connected several times. So there is nobody to get rid of
before one has one's nickname: who wants it logs in. It knows the speaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.doors.irc.logging_in import be_account, says_who
from chatroom.doors.irc.service_words import ServiceWord, ran, wrong_use
from chatroom.folding import fold
from chatroom.meaning import split_word

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

ABOUT = "NickServ looks after accounts. An account keeps your nickname for you."


async def _register(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    """C{PASSWORD}, perhaps with an address for mail behind it, as other servers ask for."""
    words = rest.split()
    if len(words) > 1 and "@" in words[-1]:
        rest = rest.strip()[: -len(words[-1])].rstrip()
    if not rest.strip():
        raise wrong_use("REGISTER", "PASSWORD")
    return await ran(speaker, "signup", {"password": rest})


async def _identify(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    """C{PASSWORD}, or C{NAME PASSWORD}, or nothing: by the certificate that the client has presented."""
    name, secret = split_word(rest)
    if not name and speaker.caller.certificate:
        return await _is_now(speaker, await speaker.caller.prove_certificate(), response)
    if not name:
        raise wrong_use("IDENTIFY", "[NAME] PASSWORD")
    return await _log_in(speaker, name if secret else speaker.called, secret or name, response)


async def _log_in(speaker: IrcSpeaker, name: str, secret: str, response: Response) -> list[str]:
    return await _is_now(speaker, await speaker.caller.prove(name, secret), response)


async def _is_now(speaker: IrcSpeaker, proved: str, response: Response) -> list[str]:
    await be_account(speaker, proved, response, says_who)
    return [f"You are logged in as {proved}."]


async def _ghost(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    """C{NAME PASSWORD}. A client that is logged in to the account may leave out the password."""
    name, secret = split_word(rest)
    if secret:
        return await _log_in(speaker, name, secret, response)
    if speaker.caller.account and speaker.is_me(name):
        return [f"{speaker.called} is you. Your account may be connected as often as you like."]
    raise wrong_use("GHOST", "NAME PASSWORD")


async def _log_out(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    return await ran(speaker, "logout", {})


async def _info(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    return await ran(speaker, "info", {"nick": rest.strip() or speaker.called})


def _status_of(speaker: IrcSpeaker, nick: str) -> int:
    """3: the person is logged in. 0: a guest has the nickname, or nobody. Here, no nickname has the status 1 or 2."""
    who = speaker.caller.person_now(nick)
    return 3 if who is not None and who.account else 0


async def _status(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    return [f"STATUS {nick} {_status_of(speaker, nick)}" for nick in rest.split()[:1] or [speaker.called]]


async def _acc(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    return [f"{nick} ACC {_status_of(speaker, nick)}" for nick in rest.split()[:1] or [speaker.called]]


async def _set(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    """C{PASSWORD OLD NEW}."""
    word, secrets = split_word(rest)
    old, new = split_word(secrets)
    if fold(word) not in ("password", "pass") or not new:
        raise wrong_use("SET", "PASSWORD OLD NEW")
    return await ran(speaker, "passwd", {"old": old, "new": new})


async def _cert(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    """C{ADD [FINGERPRINT]}, C{LIST} or C{DEL FINGERPRINT}: our command knows these words."""
    if not rest.strip():
        raise wrong_use("CERT", "ADD|LIST|DEL [FINGERPRINT]")
    return await ran(speaker, "cert", rest)


async def _drop(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    return ["Only an admin can delete an account. To see who is one, send STAFF."]


WORDS = {
    "REGISTER": ServiceWord("PASSWORD", "makes your nickname an account.", _register),
    "IDENTIFY": ServiceWord(
        "[NAME] PASSWORD", "logs in to an account. You have its name for a nickname then.", _identify
    ),
    "GHOST": ServiceWord(
        "NAME PASSWORD", "gives you the nickname of your account, also while another client has it.", _ghost
    ),
    "LOGOUT": ServiceWord("", "logs out and disconnects you.", _log_out),
    "INFO": ServiceWord("[NICK]", "shows what is known of a person.", _info),
    "STATUS": ServiceWord("[NICK]", "says 3 if that person is logged in, else 0.", _status),
    "SET": ServiceWord("PASSWORD OLD NEW", "changes your password.", _set),
    "CERT": ServiceWord(
        "ADD|LIST|DEL [FINGERPRINT]", "changes the TLS certificates that log in to your account.", _cert
    ),
    "DROP": ServiceWord("", "says who can delete an account.", _drop),
    "ID": ServiceWord("[NAME] PASSWORD", "", _identify),
    "AUTH": ServiceWord("[NAME] PASSWORD", "", _identify),
    "LOGIN": ServiceWord("[NAME] PASSWORD", "", _identify),
    "REGAIN": ServiceWord("NAME PASSWORD", "", _ghost),
    "RECOVER": ServiceWord("NAME PASSWORD", "", _ghost),
    "RELEASE": ServiceWord("NAME PASSWORD", "", _ghost),
    "ACC": ServiceWord("[NICK]", "", _acc),
}

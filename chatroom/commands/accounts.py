"""
Accounts and sessions: proving who one is, and the words doors use to bring people in.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.commands import views
from chatroom.commands.base import Command, flag
from chatroom.commands.times import ago, count, limit, stamp
from chatroom.errors import BadArguments
from chatroom.interfaces import Answer, ICaller, Login, Parameter, Standing
from chatroom.records import Token

_NEXT = "Type a line and everyone in the room reads it. @nick text whispers, /help lists more, QUIT leaves."


_KEEP = Parameter(
    "keep", required=False, by_name=True, help="yes: the session lives on without its connection, until it expires"
)


def _token_line(login: Login) -> tuple[str, ...]:
    """The session token, for those whose terminal shows what they type."""
    if login.token is None:
        return ()
    if login.kept:
        return (f"Next time, you can log in without the password: /resume {login.token}",)
    return (f"To log in without the password next time, type /session remember now, and then: /resume {login.token}",)


def _came_in(caller: ICaller, login: Login, *sentences: str) -> Answer:
    """
    For a person who has just joined: their name, the welcome text, what to type next, and the room they are in.
    """
    who = f"Logged in as {login.nick}." if login.account else f"Registration successful. You are {login.nick}."
    room = views.room_parts(login.view) if login.view else ()
    parts = (who, *caller.motd, _NEXT, *sentences, *views.waiting_parts(login), *room)
    return Answer(parts, views.login_facts(login, caller.motd))


def _proved(caller: ICaller, login: Login, *sentences: str) -> Answer:
    """For a guest who is an account from now on, in the rooms they are in. They have read the welcome text."""
    return Answer((*sentences, *views.waiting_parts(login)), views.login_facts(login, caller.motd))


class Hello(Command):
    """The first word of every connection; doors say it for people."""

    name = "hello"
    family = "Accounts"
    summary = "come in: with a nickname, or as an account, or with a session token"
    details = (
        "With `nick` alone one is a guest; with `password` as well, that account; with `token`, the account whose "
        "session it is, and `nick` is not looked at."
    )
    parameters = (
        Parameter("nick", required=False, help="the nickname"),
        Parameter("password", required=False, rest=True, secret=True, help="of the account of that name"),
        Parameter("token", required=False, secret=True, by_name=True, help="from an earlier login"),
        _KEEP,
        Parameter("ignored", required=False, by_name=True, help="nicknames that a guest ignores, with spaces between"),
    )
    standing = Standing.ANYBODY
    hidden = True

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.register}, L{ICaller.login} and L{ICaller.resume}.

        @raise BadArguments: neither C{nick} nor C{token} was given.
        """
        if "token" in arguments:
            return _came_in(caller, await caller.resume(arguments["token"]))
        if "nick" not in arguments:
            raise BadArguments("Say hello with a nick, or with a token.")
        if "password" in arguments:
            login = await caller.login(arguments["nick"], arguments["password"], flag(arguments, "keep", False))
            return _came_in(caller, login, *_token_line(login))
        caller.ignore_again(arguments.get("ignored", "").split())
        return _came_in(caller, await caller.register(arguments["nick"]))


class Signup(Command):
    """A guest's nickname becomes an account's."""

    name = "signup"
    family = "Accounts"
    summary = "make an account of your nickname, so that nobody else can take it"
    details = (
        "With an account you have an inbox, and /missed. /signup alone asks for the password, and telnet does not "
        "show it."
    )
    parameters = (Parameter("password", rest=True, secret=True, new=True, help="a new one, of your own choice"), _KEEP)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.signup}."""
        login = await caller.signup(arguments["password"], flag(arguments, "keep", False))
        sentence = f"{login.nick} is your account now: whoever types that nickname is asked for its password."
        return _proved(caller, login, sentence, *_token_line(login))


class LogIn(Command):
    """Being an account from now on."""

    name = "login"
    family = "Accounts"
    summary = "prove that a name is yours"
    details = "It works as your first line as well. /login NAME asks for the password, and telnet does not show it."
    parameters = (
        Parameter("name", help="of the account"),
        Parameter("password", rest=True, secret=True, help="of the account"),
        _KEEP,
    )
    standing = Standing.ANYBODY

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.login}."""
        first = caller.nick is None
        keep = flag(arguments, "keep", False)
        login = await caller.login(arguments["name"].removeprefix("@"), arguments["password"], keep)
        if first:
            return _came_in(caller, login, *_token_line(login))
        return _proved(caller, login, f"Logged in as {login.nick}.", *_token_line(login))


class Resume(Command):
    """Being an account again, without its password."""

    name = "resume"
    family = "Accounts"
    summary = "log in with the token that an earlier login gave you"
    details = "It works as your first line as well."
    parameters = (Parameter("token", secret=True, help="from an earlier login"),)
    standing = Standing.ANYBODY

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.resume}."""
        first = caller.nick is None
        login = await caller.resume(arguments["token"])
        return _came_in(caller, login) if first else _proved(caller, login, f"Logged in as {login.nick}.")


class LogOut(Command):
    """Being nobody again."""

    name = "logout"
    family = "Accounts"
    summary = "end this session, so that its token resumes it no more"
    standing = Standing.ACCOUNT

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.logout}."""
        await caller.logout()
        return Answer(("You are logged out. Type a nickname to come in again, or QUIT.",))


class Session(Command):
    """Where one is logged in, and for how long."""

    name = "session"
    aliases = ("sessions",)
    family = "Accounts"
    summary = "list where you are logged in, keep this session, or end one"
    details = (
        "/session remember keeps this session, so that its token lets you in next time. /session revoke ID ends one, "
        "/session revoke all ends all but this one."
    )
    parameters = (
        Parameter("action", required=False, help="list, remember or revoke"),
        Parameter("session", required=False, help="an id from the list, or all"),
    )
    standing = Standing.ACCOUNT

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.sessions}, L{ICaller.keep_session} and L{ICaller.revoke}.

        @raise BadArguments: it is another action, or to revoke nothing.
        """
        action = arguments.get("action", "list").casefold()
        if action == "list":
            rows = await caller.sessions()
            return Answer(
                tuple(_session_line(token, here, caller.now()) for token, here in rows),
                {"sessions": [_session_facts(token, here) for token, here in rows]},
            )
        if action == "remember" and "session" not in arguments:
            token = await caller.keep_session()
            sentence = f"This session is kept. It expires if not used {limit(caller.now(), token.expires)}."
            return Answer((sentence,), {"session": _public(token), "expires": stamp(token.expires)})
        if action != "revoke" or "session" not in arguments:
            raise BadArguments("Type /session list, /session remember, /session revoke ID or /session revoke all.")
        ended = await caller.revoke(arguments["session"].casefold())
        return Answer((f"{count(ended, 'session')} ended.",), {"revoked": ended})


def _session_line(token: Token, here: bool, now: float) -> str:
    mark = " (this one)" if here else ""
    place = f" from {token.label}" if token.label else ""
    if token.kept:
        end = f"expires if not used {limit(now, token.expires)}"
    else:
        end = "ends with its connection" if here else "ends soon after its connection"
    return f"{_public(token)}{mark}{place}, used {ago(now, token.used)}, {end}."


def _session_facts(token: Token, here: bool) -> dict[str, object]:
    return {
        "session": _public(token),
        "current": here,
        "label": token.label,
        "created": stamp(token.created),
        "used": stamp(token.used),
        "expires": stamp(token.expires),
        "kept": token.kept,
    }


def _public(token: Token) -> str:
    """What names a session and opens nothing."""
    return token.digest[:8]


class Passwd(Command):
    """Another password."""

    name = "passwd"
    family = "Accounts"
    summary = "change the password of your account"
    details = (
        "/passwd alone asks for both, and telnet does not show them; an old one with spaces in it has to be typed that "
        "way. All your other sessions end."
    )
    parameters = (
        Parameter("old", secret=True, help="the password you have"),
        Parameter("new", rest=True, secret=True, new=True, help="the one you want"),
    )
    standing = Standing.ACCOUNT

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.passwd}."""
        ended = await caller.passwd(arguments["old"], arguments["new"])
        others = f" {count(ended, 'other session')} ended." if ended else ""
        return Answer((f"Your password is changed.{others}",), {"revoked": ended})


class Quit(Command):
    """Out of the server."""

    name = "quit"
    aliases = ("exit", "bye")
    family = "Accounts"
    summary = "leave"
    details = "The word QUIT alone, in capitals, does the same. The session of an account lives on for /resume."
    parameters = (Parameter("reason", required=False, rest=True, help="told to the others"),)
    standing = Standing.ANYBODY

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.quit}."""
        return Answer(then=lambda: caller.quit(arguments.get("reason", "")))

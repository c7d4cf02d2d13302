"""
Accounts and sessions: proving who one is, and the words doors use to bring people in.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.commands import shapes, views
from chatroom.commands.base import Command, flag, person
from chatroom.commands.times import ago, count, spell, stamp
from chatroom.errors import BadArguments
from chatroom.interfaces import Answer, Drawn, ICaller, Login, Parameter, SessionInfo, Standing

_NEXT = "Your lines go to the room. @nick text whispers, /help shows help, QUIT leaves."


_KEEP = Parameter(
    "keep", required=False, by_name=True, help="yes: keep the session when the connection ends, until it expires"
)


def _token_line(login: Login) -> tuple[str, ...]:
    """The session token, for those whose terminal shows what they type."""
    if login.token is None:
        return ()
    if login.kept:
        return (f"Next time you can skip the password with: /resume {login.token}",)
    return (f"To skip the password next time, type /session remember now, and next time: /resume {login.token}",)


def _came_in(caller: ICaller, login: Login, *sentences: str) -> Answer:
    """
    For a person who has just joined: their name, the welcome text, what to type next, and the room they are in.
    """
    who = f"Logged in as {login.nick}." if login.account else f"Registration successful. You are {login.nick}."
    room = views.room_parts(login.view) if login.view else ()
    parts = (who, *map(Drawn, caller.motd), _NEXT, *sentences, *views.waiting_parts(login), *room)
    return Answer(parts, views.login_facts(login, caller.motd))


def _proved(caller: ICaller, login: Login, *sentences: str) -> Answer:
    """For a guest who is an account from now on, in the rooms they are in. They have read the welcome text."""
    return Answer((*sentences, *views.waiting_parts(login)), views.login_facts(login, caller.motd))


class Hello(Command):
    """The first word of every connection; doors say it for people."""

    name = "hello"
    family = "Accounts"
    summary = "join with a nickname, as an account, or with a session token"
    details = (
        "With `nick` alone you are a guest; with `password` as well, that account; with `token`, the account of that "
        "session, and `nick` is ignored."
    )
    parameters = (
        Parameter("nick", required=False, help="the nickname"),
        Parameter("password", required=False, rest=True, secret=True, help="password of the account with that name"),
        Parameter("token", required=False, secret=True, by_name=True, help="from an earlier login"),
        _KEEP,
        Parameter("ignored", required=False, by_name=True, help="nicknames that a guest ignores, separated by spaces"),
    )
    standing = Standing.ANYBODY
    hidden = True
    facts = (shapes.LoginFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.register}, L{ICaller.login} and L{ICaller.resume}.

        @raise BadArguments: neither C{nick} nor C{token} was given.
        """
        if "token" in arguments:
            return _came_in(caller, await caller.resume(arguments["token"]))
        if "nick" not in arguments:
            raise BadArguments("hello needs a nick or a token.")
        if "password" in arguments:
            login = await caller.login(arguments["nick"], arguments["password"], flag(arguments, "keep", False))
            return _came_in(caller, login, *_token_line(login))
        caller.ignore_again(arguments.get("ignored", "").split())
        login = await caller.register(arguments["nick"])  # by a certificate, it may be a login
        return _came_in(caller, login, *_token_line(login))


class Signup(Command):
    """A guest's nickname becomes an account's."""

    name = "signup"
    family = "Accounts"
    summary = "make your nickname an account, with a password"
    details = "An account has an inbox, and /missed. /signup alone asks for the password, and telnet does not show it."
    parameters = (Parameter("password", rest=True, secret=True, new=True, help="a new password"), _KEEP)
    facts = (shapes.LoginFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.signup}."""
        login = await caller.signup(arguments["password"], flag(arguments, "keep", False))
        sentence = f"{login.nick} is now your account; its password is asked for from now on."
        return _proved(caller, login, sentence, *_token_line(login))


class LogIn(Command):
    """Being an account from now on."""

    name = "login"
    family = "Accounts"
    summary = "log in to your account"
    details = "Also works before you have a nickname. /login NAME asks for the password, and telnet does not show it."
    parameters = (
        Parameter("name", help="of the account"),
        Parameter("password", rest=True, secret=True, help="of the account"),
        _KEEP,
    )
    standing = Standing.ANYBODY
    facts = (shapes.LoginFacts,)

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
    summary = "log in with the session token of an earlier login"
    details = "Also works before you have a nickname."
    parameters = (Parameter("token", secret=True, help="from an earlier login"),)
    standing = Standing.ANYBODY
    facts = (shapes.LoginFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.resume}."""
        first = caller.nick is None
        login = await caller.resume(arguments["token"])
        return _came_in(caller, login) if first else _proved(caller, login, f"Logged in as {login.nick}.")


class LogOut(Command):
    """Being nobody again."""

    name = "logout"
    family = "Accounts"
    summary = "log out; the session's token stops working"
    standing = Standing.ACCOUNT
    facts = (shapes.NoFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.logout}."""
        await caller.logout()
        return Answer(("You are logged out. Type a nickname to join again, or QUIT.",))


class Session(Command):
    """Where one is logged in, and for how long."""

    name = "session"
    aliases = ("sessions",)
    family = "Accounts"
    summary = "list your sessions, keep this one, create one for a program, or end one"
    details = (
        "/session remember keeps this session, so that its token logs you in next time. /session create NAME shows a "
        "token with which a program logs in as you, without your password, until you revoke it. /session revoke ID, or "
        "NAME, ends one session, /session revoke all ends all others."
    )
    parameters = (
        Parameter("action", required=False, help="list, remember, create or revoke"),
        Parameter("session", required=False, help="an id or a name from the list, or all; for create: a new name"),
    )
    standing = Standing.ACCOUNT
    facts = (shapes.SessionsFacts, shapes.KeptSessionFacts, shapes.ServiceFacts, shapes.RevokedFacts)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.sessions}, L{ICaller.keep_session}, L{ICaller.create_session} and L{ICaller.revoke}.

        @raise BadArguments: it is another action, or to create or revoke nothing.
        """
        action = arguments.get("action", "list").casefold()
        if action == "list":
            rows = await caller.sessions()
            return Answer(
                tuple(_session_line(session, caller.now()) for session in rows),
                {"sessions": [_session_facts(session) for session in rows]},
            )
        if action == "remember" and "session" not in arguments:
            session = await caller.keep_session()
            sentence = (
                f"This session is kept. It expires after {spell(round(session.expires - caller.now()))} without use."
            )
            return Answer((sentence,), {"session": session.id, "expires": stamp(session.expires)})
        if action == "create" and "session" in arguments:
            return await _for_a_program(caller, arguments["session"].strip())
        if action != "revoke" or "session" not in arguments:
            raise BadArguments(_SESSION_USAGE)
        ended = await caller.revoke(arguments["session"].casefold())
        return Answer((f"{count(ended, 'session')} ended.",), {"revoked": ended})


_SESSION_USAGE = (
    "Usage: /session list, /session remember, /session create NAME, /session revoke ID or /session revoke all."
)


async def _for_a_program(caller: ICaller, name: str) -> Answer:
    token = await caller.create_session(name)
    parts = (
        f"A program logs in as {caller.nick} with the token {token}",
        f"It is shown only now. Anyone who has it is {caller.nick}. To end it: /session revoke {name}",
    )
    return Answer(parts, {"service": name, "token": token})


def _session_line(session: SessionInfo, now: float) -> str:
    mark = " (this one)" if session.current else ""
    place = f" from {session.label}" if session.label else ""
    if session.service:
        used = "never used" if session.used == session.created else f"last used {ago(now, session.used)}"
        return f"{session.id}{mark} for {session.service}, {used}, lasts until you revoke it."
    if session.kept:
        end = f"expires after {spell(round(session.expires - session.used))} without use"
    else:
        end = "ends with its connection" if session.current else "ends soon after its connection"
    return f"{session.id}{mark}{place}, last used {ago(now, session.used)}, {end}."


def _session_facts(session: SessionInfo) -> dict[str, object]:
    return {
        "session": session.id,
        "current": session.current,
        "label": session.label,
        "created": stamp(session.created),
        "used": stamp(session.used),
        "expires": None if session.service else stamp(session.expires),
        "kept": session.kept,
        "service": session.service,
    }


class Bot(Command):
    """A program that everybody knows for one."""

    name = "bot"
    family = "Accounts"
    summary = "mark yourself as a bot"
    details = (
        "Everybody sees the mark, and programs do not answer it. An account keeps it; a guest's ends with the visit or "
        "the nickname. /bot off removes the mark, /bot alone shows it. Staff can mark the account of somebody else: "
        "/bot on NICK."
    )
    parameters = (
        Parameter("on", required=False, help="on or off"),
        Parameter("nick", required=False, help="for staff: another account"),
    )
    facts = (shapes.BotFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.mark_bot}.

        @raise BadArguments: neither on nor off.
        """
        nick = person(arguments) if "nick" in arguments else None
        if "on" not in arguments:
            here, account = await caller.person(caller.nick or "")
            bot = account.bot if account is not None else here is not None and here.bot
            you = "Your account is" if account is not None else "You are"
            marked = f"{you} {'' if bot else 'not '}marked as a bot."
            return Answer((marked,), {"nick": caller.nick, "bot": bot})
        on = flag(arguments, "on", False)
        name = await caller.mark_bot(on, nick)
        return Answer((_bot_line(name, on),), {"nick": name, "bot": on})


def _bot_line(name: str, bot: bool) -> str:
    return f"{name} is marked as a bot." if bot else f"{name} is not marked as a bot."


class Passwd(Command):
    """Another password."""

    name = "passwd"
    family = "Accounts"
    summary = "change the password of your account"
    details = (
        "/passwd alone asks for both, and telnet does not show them; an old password with spaces works only this "
        "way. All your other sessions end."
    )
    parameters = (
        Parameter("old", secret=True, help="your current password"),
        Parameter("new", rest=True, secret=True, new=True, help="your new password"),
    )
    standing = Standing.ACCOUNT
    facts = (shapes.RevokedFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.passwd}."""
        ended = await caller.passwd(arguments["old"], arguments["new"])
        others = f" {count(ended, 'other session')} ended." if ended else ""
        left = len(await caller.certificates())
        still = (f"{count(left, 'certificate')} can still log in without it. /cert lists them.",) if left else ()
        return Answer((f"Your password has been changed.{others}", *still), {"revoked": ended})


class Quit(Command):
    """Out of the server."""

    name = "quit"
    aliases = ("exit", "bye")
    family = "Accounts"
    summary = "leave the server"
    details = "The word QUIT alone, in capitals, does the same. The session of an account can be resumed."
    parameters = (Parameter("reason", required=False, rest=True, help="shown to the others"),)
    standing = Standing.ANYBODY
    facts = (shapes.NoFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.quit}."""
        return Answer(then=lambda: caller.quit(arguments.get("reason", "")))

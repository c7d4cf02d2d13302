"""
Help, made from the commands themselves, so that it can be neither wrong nor late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from chatroom.commands import shapes
from chatroom.commands.base import Command
from chatroom.interfaces import Answer, Drawn, ICaller, ICommand, Parameter, Role, ServerRole, Standing, usage

_FIRST = {
    "rooms": "", "join": "ROOM", "look": "ROOM", "leave": "", "who": "", "history": "", "nick": "NICK", "signup": "",
    "report": "NICK REASON", "quit": "",
}  # fmt: skip
"""The words that one needs first, in this order, and what one types behind them; a whisper has no word."""

_STRANGERS = {"login": "NICK", "resume": "TOKEN", "motd": "", "help": "", "quit": ""}
"""The same before one has a nickname."""

_TALK = "Type a line to send it to the room. To whisper to one person:"
_NICKNAME = "To join, type the nickname that you want, alone on a line. You can also type:"
_MORE = "/help all lists all commands, /help WORD explains one."
_LINES = (
    "A line without a slash is sent to the room, @nick text is a whisper.",
    "To send a line that starts with a slash, type // for the slash.",
)

_STANDING = {Standing.ACCOUNT: "Requires an account (/signup)."}
_ROLE = {Role.OPERATOR: "For operators and owners of the room.", Role.OWNER: "For owners of the room."}
_STAFF = {ServerRole.MODERATOR: "For server moderators and admins.", ServerRole.ADMIN: "For server admins."}


class Help(Command):
    """What one can type: the words needed first, all of them, or one."""

    name = "help"
    aliases = ("commands",)
    family = "Help"
    summary = "show the first commands, all of them, or explain one"
    parameters = (Parameter("word", required=False, help="a command, with or without its slash, or all"),)
    standing = Standing.ANYBODY
    facts = (shapes.CommandsFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.commands} and L{ICaller.command}."""
        word = arguments.get("word", "").removeprefix("/").casefold()
        if word not in ("", "all"):
            command = caller.command(word)
            return Answer(_explain(command), {"commands": [_facts(command)]})
        commands = caller.commands()
        facts = {"commands": [_facts(command) for command in commands]}
        if word:
            return Answer((*_LINES, *_listing(commands)), facts)
        return Answer(tuple(_short(caller, {str(command.name): command for command in commands})), facts)


class Motd(Command):
    """The welcome text once more."""

    name = "motd"
    aliases = ("rules",)
    family = "Help"
    summary = "show the server's welcome text and rules"
    standing = Standing.ANYBODY
    facts = (shapes.MotdFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.motd}."""
        return Answer(
            tuple(map(Drawn, caller.motd)) or ("This server has no welcome text.",), {"motd": list(caller.motd)}
        )


def _short(caller: ICaller, commands: Mapping[str, ICommand]) -> list[str]:
    """What fits a terminal of 24 lines and 80 columns."""
    if caller.nick is None:
        lines, first = [_NICKNAME], _STRANGERS
    else:
        lines, first = [_TALK, _row("@nick text", "send a private message")], _FIRST
    rows = [_row(f"/{word} {typed}", commands[word].summary) for word, typed in first.items() if word in commands]
    return [*lines, *rows, _MORE]


def _row(typed: str, explained: str) -> str:
    """Not in columns: long runs of blanks are shortened at the doors (L{chatroom.layout})."""
    return f"  {typed.rstrip()} - {explained}"


def _listing(commands: Sequence[ICommand]) -> list[str]:
    lines = []
    for family, members in groupby(commands, key=lambda command: str(command.family)):
        lines.append(f"{family}:")
        lines += [f"  {usage(command)} - {command.summary}" for command in members]
    return lines


def _explain(command: ICommand) -> tuple[str, ...]:
    """The usage line, then one line for each thing there is to say."""
    lines = [f"{usage(command)} - {command.summary}"]
    lines += [f"  {parameter.shown}: {parameter.help}" for parameter in _typed(command) if parameter.help]
    guards = (_STANDING.get(command.standing), _ROLE.get(command.role), _STAFF.get(command.staff))
    lines += [sentence for sentence in (command.details, *guards) if sentence]
    if command.aliases:
        lines.append("Also: " + ", ".join("/" + alias for alias in command.aliases))
    return tuple(lines)


def _typed(command: ICommand) -> list[Parameter]:
    return [parameter for parameter in command.parameters if not parameter.by_name]


def _facts(command: ICommand) -> dict[str, Any]:
    return {
        "word": command.name,
        "aliases": list(command.aliases),
        "family": command.family,
        "summary": command.summary,
        "details": command.details,
        "usage": usage(command),
        "parameters": [
            {
                "name": parameter.name,
                "required": parameter.required,
                "rest": parameter.rest or parameter.many,
                "quoted": parameter.quoted,
                "secret": parameter.secret,
                "by_name": parameter.by_name,
                "help": parameter.help,
            }
            for parameter in command.parameters
        ],
        "standing": Standing(command.standing).name.lower(),
        "role": Role(command.role).name.lower(),
        "staff": ServerRole(command.staff).name.lower(),
    }

"""
Help, made from the commands themselves, so that it can be neither wrong nor late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from chatroom.commands.base import Command
from chatroom.interfaces import Answer, ICaller, ICommand, Parameter, Role, ServerRole, Standing, usage

_BASICS = (
    "A line without a slash is said in the room. @nick text is a whisper. //text is said and begins with a slash. "
    "QUIT leaves.",
    "/help WORD explains one of these:",
)
_STANDING = {Standing.ACCOUNT: "It needs an account: /signup PASSWORD makes one."}
_ROLE = {
    Role.OPERATOR: "It is for operators and owners of the room.",
    Role.OWNER: "It is for owners of the room.",
}

_STAFF = {
    ServerRole.MODERATOR: "It is for moderators and admins of this server.",
    ServerRole.ADMIN: "It is for admins of this server.",
}


class Help(Command):
    """What one can type."""

    name = "help"
    aliases = ("commands",)
    family = "Help"
    summary = "list the commands, or explain one"
    parameters = (Parameter("word", required=False, help="a command, with or without its slash"),)
    standing = Standing.ANYBODY

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.commands} and L{ICaller.command}."""
        if "word" in arguments:
            command = caller.command(arguments["word"].removeprefix("/").casefold())
            return Answer(_explain(command), {"commands": [_facts(command)]})
        commands = caller.commands()
        return Answer((*_BASICS, *_listing(commands)), {"commands": [_facts(command) for command in commands]})


class Motd(Command):
    """The welcome text once more."""

    name = "motd"
    aliases = ("rules",)
    family = "Help"
    summary = "show the server's welcome text and rules"
    standing = Standing.ANYBODY

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.motd}."""
        return Answer(caller.motd or ("This server has no welcome text.",), {"motd": list(caller.motd)})


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
                "rest": parameter.rest,
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

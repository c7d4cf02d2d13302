"""
What C{chatroom-admin} asks of a server, and how the answers are written in a shell.

Each function takes the options of its word and gives what is to be written. It knows the words of
L{chatroom.control.control}, and nothing of how they are asked.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chatroom.admin.target import DataPlace, Declined, Target, place_of, reach
from chatroom.streams import encodable, read_all, read_line


def place(options: argparse.Namespace) -> DataPlace:
    """Which server is meant."""
    return place_of(options.data, options.config, options.control)


def in_json(made: object) -> str:
    """For programs."""
    return json.dumps(made, ensure_ascii=False, indent=2)


def counted(number: int, what: str) -> str:
    """C{1 line}, C{2 lines}."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns, as wide as they have to be."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def moment(text: str) -> str:
    """A time as people read it, to the second, in UTC as it came."""
    return text[:19].replace("T", " ")


# Accounts.


def accounts_list(options: argparse.Namespace) -> str:
    """Do what C{accounts list} says."""
    with reach(place(options)) as server:
        found = list(_pages(server, "accounts", "accounts"))
    if options.json:
        return in_json(found)
    if not found:
        return "There are no accounts."
    rows = [("NAME", "CREATED (UTC)", "ROLE", "SESSIONS", "UNREAD", "")]
    for each in found:
        states = {"erased": "erased", "disabled": "disabled", "online": "on line"}
        state = next((shown for fact, shown in states.items() if each[fact]), "")
        when = "" if each["erased"] else moment(each["created"])
        role = "" if each["staff"] == "none" else each["staff"]
        rows.append((each["name"], when, role, str(each["sessions"]), str(each["unread"]), state))
    return table(rows)


def _pages(server: Target, word: str, what: str, **arguments: str) -> Iterator[Mapping[str, Any]]:
    """All there is, asked for page by page."""
    after: Mapping[str, str] = {}
    while True:
        answer = server.ask(word, **arguments, **after)
        yield from answer[what]
        if answer["next"] is None:
            return
        after = {"after": str(answer["next"])}


def accounts_create(options: argparse.Namespace) -> str:
    """Do what C{accounts create} says."""
    with reach(place(options)) as server:
        name = server.ask("create", name=options.name, password=new_password(options.name))["name"]
    return f"Account {name} created."


def accounts_password(options: argparse.Namespace) -> str:
    """Do what C{accounts password} says."""
    with reach(place(options)) as server:
        name = server.ask("tokens", name=options.name)["name"]  # before anybody types anything
        answer = server.ask("password", name=name, password=new_password(name))
    left = answer.get("certificates", 0)  # a daemon of the version before does not say it
    still = f" {counted(left, 'certificate')} can still log in: chatroom-admin certificates list {name}" if left else ""
    return f"Password of {name} changed. {counted(answer['revoked'], 'session')} ended.{still}"


def accounts_disable(options: argparse.Namespace) -> str:
    """Do what C{accounts disable} says."""
    with reach(place(options)) as server:
        answer = server.ask("disable", name=options.name)
    done = "is now disabled" if answer["changed"] else "was already disabled"
    return f"{answer['name']} {done}. {counted(answer['revoked'], 'session')} ended."


def accounts_enable(options: argparse.Namespace) -> str:
    """Do what C{accounts enable} says."""
    with reach(place(options)) as server:
        answer = server.ask("enable", name=options.name)
    return f"{answer['name']} {'can log in again' if answer['changed'] else 'was not disabled'}."


def accounts_bot(options: argparse.Namespace) -> str:
    """Do what C{accounts bot} says."""
    with reach(place(options)) as server:
        answer = server.ask("bot", name=options.name, on=str(options.on == "on").lower())
    return f"{answer['name']} is {'' if answer['bot'] else 'not '}marked as a bot."


def new_password(name: str) -> str:
    """
    Typed twice without being shown or, where nobody types, the first line of standard input.

    @raise Declined: it was not the same twice, or there is none.
    """
    if not sys.stdin.isatty():
        text = read_line(sys.stdin).rstrip("\r\n")
        if not text:
            raise Declined("Missing password: it must be the first line of standard input")
        return text
    text = getpass.getpass(encodable(f"New password for {name}: "))
    if getpass.getpass("Repeat the password: ") != text:
        raise Declined("The passwords did not match; nothing done")
    return text


# Sessions.


def tokens_list(options: argparse.Namespace) -> str:
    """Do what C{tokens list} says."""
    with reach(place(options)) as server:
        answer = server.ask("tokens", name=options.name)
    if options.json:
        return in_json(answer["sessions"])
    if not answer["sessions"]:
        return f"{answer['name']} has no sessions."
    rows = [("SESSION", "FROM", "BEGUN (UTC)", "LAST USED", "ENDS")]
    for each in answer["sessions"]:
        origin = f"{each['service']} ({each['from']})" if each.get("service") else each["from"]
        rows.append((each["session"], origin, *(moment(each[when]) for when in ("created", "used", "expires"))))
    return table(rows)


def tokens_create(options: argparse.Namespace) -> str:
    """Do what C{tokens create} says. Only the token is written to standard output where that is no terminal."""
    with reach(place(options)) as server:
        answer = server.ask("service", name=options.name, session=options.session)
    if not sys.stdout.isatty():
        return str(answer["token"])
    return (
        f"A program logs in as {answer['name']} with the token {answer['token']}\n"
        f"It is shown only now. To end it: chatroom-admin tokens revoke {answer['name']} {answer['service']}"
    )


def tokens_revoke(options: argparse.Namespace) -> str:
    """Do what C{tokens revoke} says."""
    with reach(place(options)) as server:
        answer = server.ask("revoke", name=options.name, session=options.session)
    return f"{counted(answer['revoked'], 'session')} of {answer['name']} ended."


# Certificates.


def certificates_list(options: argparse.Namespace) -> str:
    """Do what C{certificates list} says."""
    with reach(place(options)) as server:
        answer = server.ask("certificates", name=options.name)
    if options.json:
        return in_json(answer["certificates"])
    if not answer["certificates"]:
        return f"No certificate logs in to {answer['name']}."
    rows = [("FINGERPRINT (SHA-256)", "ADDED (UTC)", "LAST USED")]
    for each in answer["certificates"]:
        rows.append((each["fingerprint"], moment(each["added"]), moment(each["used"]) if each["used"] else "never"))
    return table(rows)


def certificates_remove(options: argparse.Namespace) -> str:
    """Do what C{certificates remove} says."""
    with reach(place(options)) as server:
        answer = server.ask("remove-certificate", name=options.name, fingerprint=options.fingerprint)
    return f"{counted(answer['removed'], 'certificate')} of {answer['name']} removed."


# One person.


def export(options: argparse.Namespace) -> str:
    """Do what C{export} says."""
    with reach(place(options)) as server:
        made = {
            key: value for key, value in server.ask("profile", name=options.name).items() if key not in ("id", "ok")
        }
        made["inbox"] = list(_pages(server, "letters", "letters", name=options.name))
        made["lines"] = list(_pages(server, "lines", "lines", name=options.name))
        made["plugins"] = list(_pages(server, "stored", "stored", name=options.name))
    if options.file is None:
        return in_json(made)
    handle = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(in_json(made) + "\n")
    lines, letters = counted(len(made["lines"]), "line"), counted(len(made["inbox"]), "whisper")
    return f"{options.file} has all data of {made['name']}, with {lines} and {letters}."


def erase(options: argparse.Namespace) -> str:
    """Do what C{erase} says."""
    if not options.yes:
        if not sys.stdin.isatty():
            raise Declined("This cannot be undone. To confirm without a terminal, use --yes")
        if input(f"This cannot be undone. Type {options.name} again to confirm: ").strip() != options.name:
            raise Declined("The name does not match; nothing done")
    keep, free = (str(flag).lower() for flag in (options.keep_lines, options.free_name))
    with reach(place(options)) as server:
        answer = server.ask("erase", name=options.name, keep_text=keep, free=free)
    kept = "The nickname stays reserved." if answer["reserved"] else "The nickname is free."
    return f"{answer['name']} is erased, with {counted(answer['lines'], 'line')}. {kept} Backups still have everything."


# Talk.


def post(options: argparse.Namespace) -> str:
    """Do what C{post} says."""
    text = " ".join(options.text) if options.text else read_all(sys.stdin).rstrip("\n")
    room = {} if options.room is None else {"room": options.room}
    with reach(place(options)) as server:
        answer = server.ask("post", text=text, **room)
    heard = "1 person is" if answer["people"] == 1 else f"{answer['people']:,} people are"
    return f"Sent to {answer['room']}, where {heard}." if room else f"Sent to everyone: {heard} online."


# Order.


def role(options: argparse.Namespace) -> str:
    """Do what C{role} says."""
    if options.name is not None and options.role is None:
        options.misunderstood("the role must be admin, moderator or none")
    with reach(place(options)) as server:
        if options.name is not None:
            answer = server.ask("role", name=options.name, role=options.role)
            titles = {"admin": "an admin", "moderator": "a moderator", "none": "without a role"}
            return (
                f"{answer['name']} is {titles[answer['role']]} on this server now, and was {titles[answer['before']]}."
            )
        found = server.ask("staff")["staff"]
    if not found:
        return "No one has a role on this server. To make the first admin: chatroom-admin role NICK admin"
    return table([(each["name"], each["role"], "on line" if each["online"] else "") for each in found])


def bans_list(options: argparse.Namespace) -> str:
    """Do what C{bans list} says."""
    with reach(place(options)) as server:
        found = server.ask("bans")["bans"]
    if options.json:
        return in_json(found)
    if not found:
        return "No server bans or mutes."
    rows = [("WHAT", "WHO", "UNTIL (UTC)", "BY", "WHY")]
    for each in found:
        rows.append((each["act"], each["target"], _end(each), each["by"], each["reason"]))
    return table(rows)


def _end(sanction: Mapping[str, Any]) -> str:
    return "forever" if sanction["until"] is None else moment(sanction["until"])


def bans_add(options: argparse.Namespace) -> str:
    """Do what C{bans add} says."""
    mute = str(options.mute).lower()
    with reach(place(options)) as server:
        made = server.ask("ban", target=options.target, duration=options.duration, reason=options.reason, mute=mute)
    done = "muted on this server" if options.mute else "banned from this server"
    until = "forever" if made["until"] is None else f"until {_end(made)} UTC"
    return f"{made['target']} ({made['scope']}) is {done} {until}."


def bans_lift(options: argparse.Namespace) -> str:
    """Do what C{bans lift} says."""
    with reach(place(options)) as server:
        target = server.ask("lift", target=options.target, mute=str(options.mute).lower())["target"]
    return f"{target} can {'talk' if options.mute else 'connect'} again."


def audit(options: argparse.Namespace) -> str:
    """Do what C{audit} says."""
    with reach(place(options)) as server:
        found = server.ask("audit", who=options.name or "", limit=str(options.lines))["entries"]
    if options.json:
        return "\n".join(json.dumps(entry, ensure_ascii=False) for entry in found)
    if not found:
        return "No entries."
    return "\n".join(
        f"{moment(each['at'])} {each['who']}: {each['act']} {each['target']}"
        + (f" ({each['detail']})" if each["detail"] else "")
        for each in found
    )

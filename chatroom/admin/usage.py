"""
What the words of C{chatroom-admin} take: their arguments, and their C{--help}.

It says what may be typed, and does nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatroom.admin import files
from chatroom.admin import words as done
from chatroom.admin.tail import tail

if TYPE_CHECKING:
    Words = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Words = Any

BESIDE = "Applied at once by a running daemon, otherwise directly in the database."


def _plain_word(words: Words, name: str, help: str, description: str, run: Any) -> argparse.ArgumentParser:
    """One more word."""
    made: argparse.ArgumentParser = words.add_parser(name, help=help, description=description)
    made.set_defaults(run=run, misunderstood=made.error)
    return made


def _data_word(
    words: Words, name: str, help: str, description: str, run: Any, control: bool = False
) -> argparse.ArgumentParser:
    """One more word, which is about a server's data. @param control: and asks the daemon."""
    made = _plain_word(words, name, help, description, run)
    where = made.add_argument_group("server")
    where.add_argument("--data", metavar="FOLDER", help="the daemon's --data [default: chatroom-data]")
    where.add_argument("--config", metavar="FILE", help="the daemon's --config file")
    if control:
        where.add_argument("--control", metavar="SOCKET", help="the daemon's --control, if it has one")
    return made


def _word(words: Words, name: str, help: str, description: str, run: Any) -> argparse.ArgumentParser:
    """One more word, which is asked of a server."""
    return _data_word(words, name, help, description, run, control=True)


def _group(words: Words, name: str, help: str) -> Words:
    """A word that has words of its own."""
    return words.add_parser(name, help=help, description=f"{help}.".capitalize()).add_subparsers(
        metavar="WHAT", required=True
    )


def _json(word: argparse.ArgumentParser) -> None:
    word.add_argument("--json", action="store_true", help="for programs")


def _nick(word: argparse.ArgumentParser) -> None:
    word.add_argument("name", metavar="NICK", help="whose")


def _lines(word: argparse.ArgumentParser, default: int, what: str) -> None:
    word.add_argument("-n", "--lines", type=count, default=default, metavar="N", help=f"{what} [default: {default}]")


def whole(text: str) -> int:
    """A whole number, in the digits 0 to 9."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def count(text: str) -> int:
    """A number of lines, from none to a hundred thousand."""
    number = whole(text)
    if not 0 <= number <= 100_000:
        raise argparse.ArgumentTypeError("from 0 to 100000")
    return number


def add_people(words: Words) -> None:
    """Accounts."""
    accounts = _group(words, "accounts", "list, create and disable accounts, set passwords")
    word = _word(accounts, "list", "list all accounts", "List all accounts.", done.accounts_list)
    _json(word)
    typed = "Type it twice without being shown, or send it as the first line of standard input."
    word = _word(
        accounts,
        "create",
        "create an account",
        f"Create an account. Asks for its password. {typed} {BESIDE}",
        done.accounts_create,
    )
    _nick(word)
    word = _word(
        accounts,
        "password",
        "set a new password",
        f"Set a new password for an account and end all its sessions. {typed} {BESIDE}",
        done.accounts_password,
    )
    _nick(word)
    word = _word(
        accounts,
        "disable",
        "disable logins",
        "Disable an account: nobody can log in to it, and its sessions end. The account keeps its name, inbox and "
        f"everything else. {BESIDE}",
        done.accounts_disable,
    )
    _nick(word)
    word = _word(accounts, "enable", "enable logins", f"Let the owner log in again. {BESIDE}", done.accounts_enable)
    _nick(word)
    word = _word(
        accounts, "bot", "mark a bot's account", f"Mark an account as a bot's, or remove the mark. {BESIDE}",
        done.accounts_bot,
    )  # fmt: skip
    _nick(word)
    word.add_argument("on", metavar="on|off", choices=("on", "off"), help="set or remove the mark")


def add_logins(words: Words) -> None:
    """What logs in to an account without its password."""
    tokens = _group(words, "tokens", "list, create or revoke the sessions of an account")
    word = _word(tokens, "list", "list sessions", "List the sessions of an account.", done.tokens_list)
    _nick(word)
    _json(word)
    word = _word(
        tokens, "create", "create a session for a program",
        "Create a session with which a program logs in to an account, without its password, until you revoke it. "
        f"Its token is shown once. In a pipe, the token is the whole output. {BESIDE}",
        done.tokens_create,
    )  # fmt: skip
    _nick(word)
    word.add_argument("session", metavar="SESSION", help="its name, such as build-bot")
    word = _word(
        tokens, "revoke", "revoke sessions", (f"Revoke one session of an account, or all. {BESIDE}"), done.tokens_revoke
    )
    _nick(word)
    word.add_argument("session", metavar="SESSION", nargs="?", default="all", help="its id or name [default: all]")
    certificates = _group(words, "certificates", "list or remove the certificates that log in to an account")
    word = _word(
        certificates, "list", "list certificates", "List the TLS certificates that log in to an account.",
        done.certificates_list,
    )  # fmt: skip
    _nick(word)
    _json(word)
    word = _word(
        certificates, "remove", "remove certificates",
        f"Remove one certificate of an account, or all. Sessions that it has begun go on: revoke them too. {BESIDE}",
        done.certificates_remove,
    )  # fmt: skip
    _nick(word)
    word.add_argument("fingerprint", metavar="FINGERPRINT", nargs="?", default="all", help="SHA-256 [default: all]")


def add_personal_data(words: Words) -> None:
    """All that is kept of one person."""
    word = _word(
        words,
        "export",
        "export all data of an account as JSON",
        "Export all data of an account: profile, sessions, certificates, rooms, inbox and messages, but no hashes of "
        "passwords or tokens. Nothing is marked as read. For a guest, by nickname: messages under that nickname, and "
        "what rooms know of it. The audit log records who exported it.",
        done.export,
    )
    _nick(word)
    word.add_argument(
        "file", metavar="FILE", nargs="?", help=("file to write; must not exist yet [default: standard output]")
    )
    word = _word(
        words,
        "erase",
        "erase an account and its messages",
        "Erase an account, its sessions, certificates, inbox and settings, its roles and bans in rooms, whispers it "
        "left for others, and its name and messages in all history. Messages keep their place and read (erased). The "
        f"audit log and backups stay as they are. Also for a guest, by nickname. {BESIDE}",
        done.erase,
    )
    _nick(word)
    word.add_argument("--yes", action="store_true", help="skip the confirmation")
    word.add_argument("--keep-lines", action="store_true", help="keep the messages, without the name")
    word.add_argument(
        "--free-name", action="store_true", help=("let others use the nickname [default: keep it reserved]")
    )


def add_talk(words: Words) -> None:
    """Speaking and listening."""
    word = _word(
        words,
        "post",
        "send a message as the server",
        "Send a message as the server, to a room, where it is kept as all messages are, or to everyone online. Needs "
        "a running daemon.",
        done.post,
    )
    word.add_argument("--room", help="room [default: everyone online]")
    word.add_argument("text", metavar="TEXT", nargs="*", help="the message [default: standard input]")
    word = _word(
        words,
        "tail",
        "follow messages live",
        "Print messages as they are sent, in one room or in all public rooms, until interrupted. When the daemon "
        "restarts, it waits and continues where it stopped: no message is lost or repeated.",
        tail,
    )
    word.add_argument("room", metavar="ROOM", nargs="?", help="any room [default: all public rooms]")
    word.add_argument("--events", action="store_true", help="also joins, leaves and other events")
    _lines(word, 10, "start with the last N lines of each room")
    word.add_argument("--json", action="store_true", help="one JSON object per line, as programs get it")


def add_order(words: Words) -> None:
    """Roles, and what was done by them."""
    word = _word(
        words,
        "role",
        "show or set roles; make the first admin",
        f"Give an account a server role, or remove it; without arguments, list who has one. {BESIDE}",
        done.role,
    )
    word.add_argument("name", metavar="NICK", nargs="?", help="whose")
    word.add_argument("role", metavar="ROLE", nargs="?", choices=("admin", "moderator", "none"), help="%(choices)s")
    bans = _group(words, "bans", "list, add and lift server bans and mutes")
    word = _word(bans, "list", "everybody", "List server bans and mutes.", done.bans_list)
    _json(word)
    word = _word(
        bans,
        "add",
        "add a ban or mute",
        f"Ban somebody from the server, or mute them. A banned person who is connected is disconnected. {BESIDE}",
        done.bans_add,
    )
    word.add_argument("target", metavar="TARGET", help="a nickname, an account, an address or a network")
    word.add_argument(
        "--for", dest="duration", default="forever", metavar="TIME", help="such as 2h or 7d [default: permanent]"
    )
    word.add_argument("--reason", default="", help="shown to the person")
    word.add_argument("--mute", action="store_true", help="mute instead of ban")
    word = _word(bans, "lift", "lift a ban or mute", f"Lift a server ban or mute. {BESIDE}", done.bans_lift)
    word.add_argument("target", metavar="TARGET", help="as in the list")
    word.add_argument("--mute", action="store_true", help="the mute instead of the ban")
    word = _word(
        words,
        "audit",
        "show the audit log",
        "Show the audit log: what server staff and the shell did, oldest first.",
        done.audit,
    )
    word.add_argument("name", metavar="NICK", nargs="?", help="only what this person did or what was done to them")
    _lines(word, 50, "only the last N entries")
    _json(word)


YEARS = 10 * 365


def days(text: str) -> int:
    """From one day to ten years."""
    number = whole(text)
    if not 0 < number <= YEARS:
        raise argparse.ArgumentTypeError(f"from 1 to {YEARS}")
    return number


def _old_folder(word: argparse.ArgumentParser) -> None:
    """In place of C{--data}, as it was once."""
    word.add_argument("folder", nargs="?", help=argparse.SUPPRESS)


def add_files(words: Words) -> None:
    """Those that are about files, and ask no server."""
    word = _plain_word(
        words,
        "cert",
        "make a self-signed certificate for testing",
        "Put a self-signed certificate and its key into a folder for --tls. Programs do not trust it unless you tell "
        "them to: for other people, get one from a certificate authority.",
        files.cert,
    )
    word.add_argument("folder", metavar="FOLDER", help="where to put cert.pem and privkey.pem")
    word.add_argument("--name", action="append", metavar="HOST", help="host name; may be repeated")
    word.add_argument("--days", type=days, default=365, help="days it is valid [default: 365]")
    word = _data_word(
        words,
        "backup",
        "back up the database, also while the daemon runs",
        "Make a complete copy of the database as of now, while people go on talking.",
        files.backup,
    )
    _old_folder(word)
    word.add_argument("copy", type=Path, metavar="FILE", help="file of the copy; must not exist yet")
    _data_word(
        words,
        "vacuum",
        "give unused space back to the disk",
        "Shrink the database by what has expired or was erased. A running daemon does it in slices of some "
        "milliseconds, so people can go on talking. A database made by an older version must be shrunk once while "
        "the daemon is stopped; that takes as long as a backup, and as much space.",
        files.vacuum,
    )
    word = _data_word(
        words,
        "restore",
        "restore a backup",
        "Put a backup into a folder without a database, for a daemon that is not running.",
        files.put_back,
    )
    word.add_argument("copy", type=Path, metavar="FILE", help="a file made by chatroom-admin backup")
    _old_folder(word)
    word = _plain_word(
        words,
        "import",
        "move a server from SQLite into PostgreSQL",
        "Copy a server from the SQLite database of a stopped daemon into an empty PostgreSQL database, in one "
        "transaction, and compare both. The SQLite database stays as it is. Needs chatroom[postgres].",
        files.import_server,
    )
    word.add_argument("file", type=Path, metavar="FILE", help="chatroom.sqlite in the data folder")
    word.add_argument("url", metavar="URL", help="such as postgresql://chat@db.example.org/chat")
    word = _data_word(
        words,
        "nodes",
        "list the daemons that share a PostgreSQL database",
        "List the daemons that share a PostgreSQL database: when each extended its lease, how many turns it is "
        "behind, and how many nicknames it holds. Asks the database, not a daemon. Needs chatroom[postgres].",
        files.list_nodes,
    )
    word.add_argument("url", metavar="URL", nargs="?", help="the daemons' --backend [default: as in --config]")
    _json(word)
    word = _data_word(
        words,
        "upgrade",
        "upgrade the running daemon without dropping connections",
        "Start the installed version and hand all connections of the running daemon over to it. People with nc or "
        "telnet notice nothing. If the new version does not start, the old one goes on.",
        files.take_over,
    )
    _old_folder(word)
    word.add_argument("--pidfile", type=Path, metavar="FILE", help="twistd's pid file")

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

BESIDE = (
    "A daemon that runs does it, and whoever is concerned notices at once. Where none runs, it is done in the database."
)


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
    where = made.add_argument_group("which server")
    where.add_argument("--data", metavar="FOLDER", help="the daemon's --data [default: chatroom-data]")
    where.add_argument("--config", metavar="FILE", help="the daemon's --config, which says where its data is")
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
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def count(text: str) -> int:
    """A number of lines, from none to a hundred thousand."""
    number = whole(text)
    if not 0 <= number <= 100_000:
        raise argparse.ArgumentTypeError("from 0 to 100000")
    return number


def add_people(words: Words) -> None:
    """Accounts, their sessions, and all that is kept of one person."""
    accounts = _group(words, "accounts", "who has an account, new ones, new passwords, and who may not log in")
    word = _word(accounts, "list", "everybody who has one", "List all accounts.", done.accounts_list)
    _json(word)
    typed = "It is typed twice without being shown or, in a pipe, is the first line of standard input."
    word = _word(
        accounts,
        "create",
        "a new one",
        f"Make an account. Asks for its password. {typed} {BESIDE}",
        done.accounts_create,
    )
    _nick(word)
    word = _word(
        accounts,
        "password",
        "another password, for somebody who has lost theirs",
        f"Set an account's password, and end all its sessions. {typed} {BESIDE}",
        done.accounts_password,
    )
    _nick(word)
    word = _word(
        accounts,
        "disable",
        "let nobody log in to one any more",
        "Disable an account: nobody can log in to it, and its sessions end. It keeps its name, its inbox and all else. "
        f"{BESIDE}",
        done.accounts_disable,
    )
    _nick(word)
    word = _word(accounts, "enable", "undo that", f"Let the owner log in again. {BESIDE}", done.accounts_enable)
    _nick(word)
    tokens = _group(words, "tokens", "an account's sessions, which let it in without a password")
    word = _word(tokens, "list", "which there are", "List the sessions of an account.", done.tokens_list)
    _nick(word)
    _json(word)
    word = _word(tokens, "revoke", "end them", f"End one session of an account, or all. {BESIDE}", done.tokens_revoke)
    _nick(word)
    word.add_argument("session", metavar="SESSION", nargs="?", default="all", help="its id [default: all]")
    word = _word(
        words,
        "export",
        "all that is kept of one account, as JSON",
        "Write down all that is kept of one account: profile, sessions, rooms, inbox and its own lines, and no hash of "
        "any password or token. Nothing of it is marked as read. Also for a guest, by name: what was said by that "
        "name, and what rooms know of it. The audit log says who did it.",
        done.export,
    )
    _nick(word)
    word.add_argument("file", metavar="FILE", nargs="?", help="where to; it must not be there yet [default: here]")
    word = _word(
        words,
        "erase",
        "let nothing be left of somebody",
        "Erase an account, its sessions, inbox and settings, its roles and bans in rooms, whispers it left for others, "
        "and its name and words in all history. Lines keep their place, and say (erased). The audit log stays as it "
        f"is, and so do backups. Also for a guest, by name. {BESIDE}",
        done.erase,
    )
    _nick(word)
    word.add_argument("--yes", action="store_true", help="do not ask whether it is meant")
    word.add_argument("--keep-lines", action="store_true", help="leave what was said, under nobody's name")
    word.add_argument("--free-name", action="store_true", help="let others have the name; else nobody can")


def add_talk(words: Words) -> None:
    """Speaking and listening."""
    word = _word(
        words,
        "post",
        "say something as the server",
        "Say something as the server, in a room, where it is kept as all lines are, or to everybody on line. Needs a "
        "daemon that runs.",
        done.post,
    )
    word.add_argument("--room", help="where; else to everybody")
    word.add_argument("text", metavar="TEXT", nargs="*", help="what; else standard input")
    word = _word(
        words,
        "tail",
        "read along",
        "Write what is said as it is said, in one room or in all that anybody may enter, until it is interrupted. When "
        "the daemon is restarted, it waits for it and goes on where it was: no line is lost and none comes twice.",
        tail,
    )
    word.add_argument("room", metavar="ROOM", nargs="?", help="any room; else all that anybody may enter")
    word.add_argument("--events", action="store_true", help="comings and goings as well")
    _lines(word, 10, "so many lines of each room first")
    word.add_argument("--json", action="store_true", help="a JSON object a line, as programs are told it")


def add_order(words: Words) -> None:
    """Roles, and what was done by them."""
    word = _word(
        words,
        "role",
        "who keeps order; make the first admin",
        f"Give an account a role on the whole server, or take it away; without arguments, list who has one. {BESIDE}",
        done.role,
    )
    word.add_argument("name", metavar="NICK", nargs="?", help="whose")
    word.add_argument("role", metavar="ROLE", nargs="?", choices=("admin", "moderator", "none"), help="%(choices)s")
    bans = _group(words, "bans", "who may not come in, or not talk")
    word = _word(bans, "list", "everybody", "List bans and mutes of the whole server.", done.bans_list)
    _json(word)
    word = _word(
        bans,
        "add",
        "one more",
        f"Keep somebody out of the whole server, or silent in it. Who is here is let go. {BESIDE}",
        done.bans_add,
    )
    word.add_argument("target", metavar="TARGET", help="a nickname, an account, an address or a network")
    word.add_argument(
        "--for", dest="duration", default="forever", metavar="TIME", help="such as 2h or 7d [default: ever]"
    )
    word.add_argument("--reason", default="", help="told to those it concerns")
    word.add_argument("--mute", action="store_true", help="let them in, and only not talk")
    word = _word(bans, "lift", "one less", f"Lift a ban or a mute of the whole server. {BESIDE}", done.bans_lift)
    word.add_argument("target", metavar="TARGET", help="as in the list")
    word.add_argument("--mute", action="store_true", help="the mute, and not the ban")
    word = _word(
        words,
        "audit",
        "who did what",
        "Show the log of what was done by the powers of the server, from the shell or by its staff, oldest first.",
        done.audit,
    )
    word.add_argument("name", metavar="NICK", nargs="?", help="only what was done by this person or to them")
    _lines(word, 50, "so many entries, the last ones")
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
        "a certificate of one's own, to try TLS out with",
        "Put a certificate that vouches for itself, and its key, into a folder for --tls. Programs will not trust it "
        "unless they are told to: for people from elsewhere, get one from a certificate authority.",
        files.cert,
    )
    word.add_argument("folder", metavar="FOLDER", help="where to put cert.pem and privkey.pem")
    word.add_argument("--name", action="append", metavar="HOST", help="what it is for; may be given again")
    word.add_argument("--days", type=days, default=365, help="for how long [default: 365]")
    word = _data_word(
        words,
        "backup",
        "a copy of the database, also while the daemon runs",
        "Make a whole copy of the database, as of this moment, while people go on talking.",
        files.backup,
    )
    _old_folder(word)
    word.add_argument("copy", type=Path, metavar="FILE", help="where to put the copy; it must not be there yet")
    _data_word(
        words,
        "vacuum",
        "space that nothing is in, back to the disk",
        "Make the database smaller by what was forgotten or erased. While the daemon runs, it is done in slices of "
        "some milliseconds, beside which people talk. A database that an older version has made has to be done "
        "once while the daemon is stopped; that takes as long as a backup, and as much space.",
        files.vacuum,
    )
    word = _data_word(
        words,
        "restore",
        "a copy in place of a database that is gone",
        "Put a copy of a database into a folder that holds none, for a daemon that is not running.",
        files.put_back,
    )
    word.add_argument("copy", type=Path, metavar="FILE", help="what chatroom-admin backup made")
    _old_folder(word)
    word = _data_word(
        words,
        "upgrade",
        "let the version that is installed now take the daemon's place, with everybody in it",
        "Have the daemon that runs start the version that is installed now, and hand everything over to it. Nobody "
        "with nc or telnet notices. If the new version does not start, the old one goes on.",
        files.take_over,
    )
    _old_folder(word)
    word.add_argument("--pidfile", type=Path, metavar="FILE", help="what twistd wrote the daemon's number to")

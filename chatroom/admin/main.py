"""
C{chatroom-admin WORD ...}: what may be asked for, and how it is answered in a shell.

Status 0: done. 1: it could not be done, and one sentence says why. 2: it was asked for in a way nobody understands.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from chatroom import __version__
from chatroom.admin.backup import back_up, restore
from chatroom.admin.upgrade import folder_of, upgrade
from chatroom.admin.usage import Words, add_order, add_people, add_talk

YEARS = 10 * 365


def parser() -> argparse.ArgumentParser:
    """Every word, with what it takes."""
    top = argparse.ArgumentParser(
        prog="chatroom-admin",
        description="What an operator of a chat room does by hand. chatroom-admin WORD --help says more of each word.",
        epilog="Exit status: 0 it is done, 1 it could not be (a sentence says why), 2 it was not understood.",
    )
    top.add_argument("--version", action="version", version=f"chatroom {__version__}")
    words = top.add_subparsers(metavar="WORD", required=True)
    add_people(words)
    add_talk(words)
    add_order(words)
    add_files(words)
    return top


def add_files(words: Words) -> None:
    """Those that are about files, and need no house."""
    cert = words.add_parser(
        "cert",
        help="a certificate of one's own, to try TLS out with",
        description="Put a certificate that vouches for itself, and its key, into a folder for --tls. Programs will "
        "not trust it unless they are told to: for people from elsewhere, get one from a certificate authority.",
    )
    cert.add_argument("folder", metavar="FOLDER", help="where to put cert.pem and privkey.pem")
    cert.add_argument("--name", action="append", metavar="HOST", help="what it is for; may be given again")
    cert.add_argument("--days", type=days, default=365, help="for how long [default: 365]")
    cert.set_defaults(run=make_cert)
    backup = words.add_parser(
        "backup",
        help="a copy of the database, also while the daemon runs",
        description="Make a whole copy of the database, as of this moment, while people go on talking.",
    )
    backup.add_argument("data", type=Path, metavar="FOLDER", help="the daemon's --data")
    backup.add_argument("copy", type=Path, metavar="FILE", help="where to put the copy; it must not be there yet")
    backup.set_defaults(run=make_backup)
    back = words.add_parser(
        "restore",
        help="a copy in place of a database that is gone",
        description="Put a copy of a database into a folder that holds none, for a daemon that is not running.",
    )
    back.add_argument("copy", type=Path, metavar="FILE", help="what chatroom-admin backup made")
    back.add_argument("data", type=Path, metavar="FOLDER", help="the daemon's --data")
    back.set_defaults(run=put_back)
    again = words.add_parser(
        "upgrade",
        help="let the version that is installed now take the daemon's place, with everybody in it",
        description="Have the daemon that runs start the version that is installed now, and hand everything over to "
        "it. Nobody with nc or telnet notices. If the new version does not start, the old one goes on.",
    )
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("data", type=Path, nargs="?", metavar="FOLDER", help="the daemon's --data")
    which.add_argument("--pidfile", type=Path, metavar="FILE", help="what twistd wrote the daemon's number to")
    again.set_defaults(run=make_upgrade)


def days(text: str) -> int:
    """From one day to ten years."""
    number = int(text)
    if not 0 < number <= YEARS:
        raise argparse.ArgumentTypeError(f"from 1 to {YEARS}")
    return number


def make_cert(options: argparse.Namespace) -> str:
    """Do what C{cert} says; what there is to say about it."""
    try:
        from chatroom.admin.cert import make_pair, write_pair
    except ModuleNotFoundError as error:
        if error.name != "cryptography":
            raise
        raise ValueError("this needs more than is installed. Try: pip install 'chatroom[tls]'") from None
    names = options.name or ["localhost", "127.0.0.1", "::1"]
    certificate, key = make_pair(names, datetime.now(timezone.utc), options.days)
    write_pair(options.folder, certificate, key)
    return f"Made for {', '.join(names)}. Try: twistd -n chatroom --tls {options.folder}"


def make_backup(options: argparse.Namespace) -> str:
    """Do what C{backup} says."""
    size = back_up(options.data, options.copy)
    return f"{options.copy} is a whole copy of {size:,} bytes."


def put_back(options: argparse.Namespace) -> str:
    """Do what C{restore} says."""
    version = restore(options.copy, options.data)
    return f"{options.data} holds the copy, a database of version {version}. It has to belong to the daemon's user."


def make_upgrade(options: argparse.Namespace) -> str:
    """Do what C{upgrade} says, and wait for it."""
    return upgrade(options.data if options.pidfile is None else folder_of(options.pidfile))


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run it.

    @param arguments: without the program's name; C{None} for those of the command line.
    @return: the exit status.
    """
    options = parser().parse_args(arguments)
    try:
        said = options.run(options)
        sys.stdout.write(f"{said}\n" if said else "")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"chatroom-admin: {where}{(error.strerror or str(error)).lower()}.\n")
        return 1
    except ValueError as error:
        sys.stderr.write(f"chatroom-admin: {error}.\n")
        return 1
    return 0

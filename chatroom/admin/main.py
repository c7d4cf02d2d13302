"""
C{chatroom-admin WORD ...}: what may be asked for, and how it is answered in a shell.

Status 0: done. 1: it could not be done, and one sentence says why. 2: it was asked for in a way nobody understands.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from chatroom import __version__
from chatroom.admin.usage import add_files, add_logins, add_order, add_people, add_personal_data, add_talk
from chatroom.errors import with_full_stop
from chatroom.streams import forgive


def parser() -> argparse.ArgumentParser:
    """Every word, with what it takes."""
    top = argparse.ArgumentParser(
        prog="chatroom-admin",
        description="Administration of a chatroom server. chatroom-admin COMMAND --help explains one command.",
        epilog="Exit status: 0 success, 1 failed (reason on stderr), 2 usage error.",
    )
    top.add_argument("--version", action="version", version=f"chatroom {__version__}")
    words = top.add_subparsers(metavar="WORD", required=True)
    add_people(words)
    add_logins(words)
    add_personal_data(words)
    add_talk(words)
    add_order(words)
    add_files(words)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run it.

    @param arguments: without the program's name; C{None} for those of the command line.
    @return: the exit status.
    """
    forgive()
    options = parser().parse_args(arguments)
    forgive(json=getattr(options, "json", False))
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
        sys.stderr.write(f"chatroom-admin: {with_full_stop(error)}\n")
        return 1
    return 0

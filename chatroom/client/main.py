"""
C{chatroom}: the command line of the client. The only module of it that chooses a reactor, and that only when it is
started: C{--help} and C{--version} need none.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chatroom import __version__
from chatroom.client.config import Store, folder
from chatroom.client.preferences import NOTIFY, ROOMS, Preferences, for_terminal, read
from chatroom.client.url import Address, parse
from chatroom.streams import forgive

if TYPE_CHECKING:
    from chatroom.client.visit import Visit

EPILOG = """\
examples:
  chatroom luca chat://localhost:64700
  chatroom                                  asks for host, port and nickname
  echo "The backup is done." | chatroom backup chat://localhost/ops
  chatroom --follow watcher chat://localhost/ops < /dev/null | grep ERROR

ADDRESS is chat://HOST[:PORT][/ROOM], or chats:// for TLS. The port is 64700 if not given, 64701 with TLS.
With only a nickname, chatroom uses the last address.

exit status: 0 success, 1 the server refused something, 2 usage error, 3 no connection
"""


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="chatroom",
        description="Terminal client for chatroom servers.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("nick", nargs="?", metavar="NICK", help="your nickname, or the name of your account")
    add("address", nargs="?", metavar="ADDRESS", help="server address")
    add("--plain", action="store_true", help="line mode, no full-screen UI: for screen readers")
    add("--times", action="store_true", help="start lines with date and time (plain mode and scripts)")
    add("--no-mouse", action="store_true", help="do not capture the mouse")
    add("--notify", choices=NOTIFY, help="how to notify you of mentions and whispers [default: bell]")
    add("--rooms", choices=ROOMS, help="order of the rooms: as you joined them, or by activity [default: joined]")
    add("--no-title", action="store_true", help="leave the title of the window alone")
    add("--no-links", action="store_true", help="show web addresses as plain text")
    add("--certificates", metavar="FILE", default="", help="with TLS, trust only the certificates in this PEM file")
    add("--log", metavar="FILE", help="write a debug log")
    add("--version", action="version", version=f"chatroom {__version__}")
    script = parser.add_argument_group("for scripts", "when input or output is not a terminal")
    script.add_argument("--follow", action="store_true", help="stay when the input ends, and reconnect")
    script.add_argument("--last", type=_count, metavar="N", default=0, help="start with the last N lines of the room")
    script.add_argument("--text", action="store_true", help="send every line as it is, even if it starts with /")
    script.add_argument("--json", action="store_true", help="write events and answers as JSON, and read requests")
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return int(text)


def preferences(options: argparse.Namespace, path: Path, term: str) -> Preferences:
    """
    What the file and the command line say, as far as the terminal can do it.

    @raise ValueError: the file cannot be used; a sentence.
    """
    chosen = read(path)
    if options.notify:
        chosen = chosen.with_choice("notify", options.notify)
    if options.rooms:
        chosen = chosen.with_choice("rooms", options.rooms)
    if options.no_title:
        chosen = chosen.with_choice("title", "off")
    if options.no_links:
        chosen = chosen.with_choice("links", "off")
    return for_terminal(chosen, term)


def where(options: argparse.Namespace, last: Address | None) -> Address | None:
    """
    The address that is meant, with the nickname in it if one was given.

    @param last: the one used last.
    @return: C{None} if none was given and there is no last one.
    @raise ValueError: it is none, with a sentence.
    """
    nick, address = options.nick or "", options.address
    if address is None and "://" in nick:
        nick, address = "", nick
    if address is not None:
        found = parse(address)
    elif last is not None:
        found = replace(last, nick="" if nick else last.nick)
    else:
        return Address("localhost", nick=nick) if nick else None
    if nick and found.nick and nick != found.nick:
        raise ValueError(f"Two nicknames were given: {nick} and, in the address, {found.nick}.")
    return replace(found, nick=nick or found.nick)


def kind_of_visit(script: bool, plain: bool) -> type[Visit]:
    """How one reads and types. Imported when it is known, as each brings along what the others do not need."""
    if script:
        from chatroom.client.visit_pipe import PipeVisit

        return PipeVisit
    if plain:
        from chatroom.client.visit_plain import PlainVisit

        return PlainVisit
    from chatroom.client.visit_screen import ScreenVisit

    return ScreenVisit


def main(argv: Sequence[str] | None = None) -> int:
    """The program. Returns its exit status."""
    forgive()
    parser = arguments()
    options = parser.parse_args(argv)
    store = Store(folder(os.environ))
    try:
        address = where(options, store.last())
        options.preferences = preferences(options, folder(os.environ) / "client.ini", os.environ.get("TERM", ""))
    except ValueError as error:
        parser.error(str(error))
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    script = options.json or not terminal
    forgive(json=options.json)
    ask = address is None or not address.nick or (options.nick is None and options.address is None)
    if script and (address is None or not address.nick):
        parser.error("A script needs a nickname and an address: chatroom NICK ADDRESS")

    # Not before: --help and wrong usage need none of it.
    from twisted.internet import reactor

    visit = kind_of_visit(script, options.plain)(reactor, options, store, os.environ.get("CHATROOM_PASSWORD", ""))
    return visit.start(address or Address("localhost"), ask)


if __name__ == "__main__":
    sys.exit(main())

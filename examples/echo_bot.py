"""A bot that says again what begins with !echo. Try: python examples/echo_bot.py chat://echo@localhost"""

import sys

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from chatroom.client.connection import connect
from chatroom.client.reports import Heard
from chatroom.events import Said


def main(reactor, url="chat://echo@localhost"):
    """Connect, stay connected, and answer in the room where it was said."""

    def heard(news):
        match news:
            case Heard(event=Said(kind="said", room=room, text=text), live=True, own=False) if text.startswith(
                "!echo "
            ):
                bot.ask("say", room=room, text=text.removeprefix("!echo "))

    bot = connect(url, reactor, heard)
    return Deferred()  # which nothing ever fires: until Ctrl+C


if __name__ == "__main__":
    react(main, sys.argv[1:])

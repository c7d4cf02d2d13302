"""A bot that says again what begins with !echo, on Twisted: python examples/echo_bot_twisted.py chat://echo@localhost"""

import sys

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from chatroom.client.reports import Heard
from chatroom.client.twisted_link import TwistedLink
from chatroom.events import Said


def main(reactor, url="chat://echo@localhost", token=""):
    """Connect, stay connected, and answer in the room where it was said."""

    async def heard(report):
        match report:
            case Heard(event=Said(room=room, text=text)) if bot.link.may_answer(report) and text[:6] == "!echo ":
                await bot.ask("say", room=room, text=text.removeprefix("!echo "))

    bot = TwistedLink(url, reactor, heard, token=token)
    return Deferred()  # which nothing ever fires: until Ctrl+C


if __name__ == "__main__":
    react(main, sys.argv[1:])

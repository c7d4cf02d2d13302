"""A bot that says again what begins with !echo, on asyncio: python examples/echo_bot_asyncio.py chat://echo@localhost"""

import asyncio
import sys

from chatroom.client.asyncio_link import AsyncioLink
from chatroom.client.reports import Heard
from chatroom.events import Said


async def main(url="chat://echo@localhost", token=""):
    """Connect, stay connected, and answer in the room where it was said."""
    async with AsyncioLink(url, token=token) as bot:
        async for report in bot:
            match report:
                case Heard(event=Said(room=room, text=text)) if bot.link.may_answer(report) and text[:6] == "!echo ":
                    await bot.ask("say", room=room, text=text.removeprefix("!echo "))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""
Commands that await asyncio code: in a thread, on any server, and on the loop of a server that runs on asyncio.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from chatroom.commands.base import Command
from chatroom.interfaces import Answer, ICaller, Outcome


async def fetch() -> str:
    """Stands for a call of an asyncio library."""
    await asyncio.sleep(0.01)
    return "sunny"


# In a thread.
async def in_a_thread() -> str:
    """On any server: the coroutine has a thread and a loop of its own."""
    return await deferToThread(asyncio.run, fetch())


# On the loop.
async def on_the_loop() -> str:
    """On a server that runs on asyncio: the coroutine shares the server's loop."""
    loop = asyncio.get_running_loop()
    return await Deferred.fromFuture(loop.create_task(fetch()))


# The command.
class Weather(Command):
    """The way is handed over when the command is made, so that a test hands over another."""

    name = "weather"
    summary = "say how the weather is"

    def __init__(self, ask: Callable[[], Awaitable[str]]) -> None:
        self._ask = ask

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome:
        """Nobody else waits for the answer."""
        return Answer((f"It is {await self._ask()}.",))

"""
What all words of control stand on: the server, whom a name means, and the log of what was done.

It knows what arguments may look like, and none of the words.
"""

from __future__ import annotations

from contextvars import ContextVar

from chatroom.core.cleaning import clean
from chatroom.core.names import fold
from chatroom.errors import BadArguments, NotFound
from chatroom.records import SHELL, Account, AuditEntry
from chatroom.server.hub import Hub
from chatroom.server.services import Services

ACTING: ContextVar[str] = ContextVar("ACTING", default=SHELL)
"""Who asks, as in the audit log, while what they ask for is done."""


class ControlBase:
    """
    @ivar services: those of the server, open or not.
    @ivar hub: by which it hears. @ivar connections: who is connected.
    """

    def __init__(self, services: Services, hub: Hub) -> None:
        self.services = services
        self.hub = hub
        self.connections = hub.connections

    async def account(self, name: str) -> Account:
        """
        The account of this name.

        @raise NotFound: there is none.
        """
        found = await self.services.backend.account(fold(name.strip()))
        if found is None:
            raise NotFound(f"There is no account called {clean(name)}.")
        if found.erased:
            raise NotFound(f"The account {found.name} was erased. Its name stays reserved.")
        return found

    async def note(self, act: str, target: str, detail: str = "") -> None:
        """Write down what was done."""
        await self.services.backend.audit(AuditEntry(self.services.now(), ACTING.get(), act, target, detail))


def number(text: str) -> int:
    """
    A whole number, in the digits 0 to 9.

    @raise BadArguments: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadArguments(f"{clean(text)[:40]} is not a number.")
    return int(text)


def truth(text: str) -> bool:
    """
    A truth value, as programs write it.

    @raise BadArguments: it is none.
    """
    if text not in ("true", "false"):
        raise BadArguments(f"{clean(text)[:40]} is neither true nor false.")
    return text == "true"

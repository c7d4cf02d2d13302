"""
What a service of a plugin is made of: L{PluginService}, with every default filled in.

Public: plugins in other packages build on it. It knows the interfaces, not the server.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from twisted.plugin import IPlugin

from chatroom.errors import Refused
from chatroom.events import Event
from chatroom.interfaces import IPluginServer, IPluginService, PageAnswer, PageRequest, PluginOption, Wish, provides


@provides(IPluginService, IPlugin)
class PluginService:
    """
    A service that does nothing. A subclass needs C{name}. The attributes are those of L{IPluginService}, which says
    what each means.
    """

    name: str
    options: tuple[PluginOption, ...] = ()
    hears: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    _server: IPluginServer | None = None

    @property
    def server(self) -> IPluginServer:
        """
        The server that it runs in, for its commands as well.

        @raise Refused: it does not run.
        """
        if self._server is None:
            raise Refused(f"The {self.name} plugin is not running. Ask the operator of this server.")
        return self._server

    def start(self, server: IPluginServer) -> Awaitable[None] | None:
        """See L{IPluginService.start}. A subclass begins with C{super().start(server)}."""
        self._server = server
        return None

    def stop(self) -> Awaitable[None] | None:
        """See L{IPluginService.stop}."""
        return None

    def state(self) -> Any:
        """See L{IPluginService.state}."""
        return None

    def heard(self, event: Event) -> Awaitable[None] | None:
        """See L{IPluginService.heard}."""
        return None

    def check(self, wish: Wish) -> Awaitable[str | None] | str | None:
        """See L{IPluginService.check}."""
        return None

    def page(self, request: PageRequest) -> Awaitable[PageAnswer | None] | PageAnswer | None:
        """See L{IPluginService.page}."""
        return None

    def reload(self) -> None:
        """See L{IPluginService.reload}."""

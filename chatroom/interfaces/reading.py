"""
Reading what was said before: history, what was missed, search, the inbox.

It is a part of L{ICaller<chatroom.interfaces.ICaller>}, which says what holds for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.interfaces.contract import Contract
from chatroom.interfaces.values import Page
from chatroom.records import Found, Mail


class IReading(Contract):
    """What was said before. A page of it holds so many lines and bytes at the most."""

    @property
    def page_lines(self) -> int:
        """Lines that one page of an answer may hold: C{int}. Each door may have its own."""

    @property
    def page_bytes(self) -> int:
        """Bytes that one page of an answer may hold, but for a single row that is longer: C{int}."""

    async def history(
        self,
        room: str | None = None,
        *,
        before: int | None = None,
        since: int | None = None,
        limit: int | None = None,
        talk: bool = True,
    ) -> Page:
        """
        A page of a room's history: the last lines, or those before or after a sequence number.

        @param talk: leave out comings and goings.
        @param limit: 1 to C{page_lines}, or to the limit C{catch_up_lines} with C{since}.
        @raise NotInRoom:
        """

    async def number_at(self, at: float, room: str | None = None) -> int | None:
        """
        Where a moment stands in a room's history, for C{before} and C{since} of L{history}: see
        L{chatroom.interfaces.IBackend.number_at}.

        @param at: seconds since 1970. @return: C{None} where all that is kept happened before.
        @raise NotInRoom:
        """

    async def missed(self, room: str | None = None) -> Page:
        """
        What was said between one's last visit and this one, page by page: each call moves on.

        @raise NeedsAccount: @raise NotInRoom:
        """

    async def search(self, words: str, room: str | None = None, before: int | None = None) -> Found:
        """
        Lines that hold all the words, in the room named or all rooms one is in.

        @raise BadArguments: no words. @raise NotInRoom:
        """

    async def inbox(self, everything: bool = False, before: int | None = None) -> tuple[Sequence[Mail], int, bool]:
        """
        Whispers that waited, oldest first; how many unread ones remain; and whether there is more. Unread ones are
        marked as read in the commit that reads them; with C{everything}, those read before, newest page first.

        @raise NeedsAccount:
        """

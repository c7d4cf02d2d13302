"""
Talking: in a room, and to one person.

It is a part of L{ICaller<chatroom.interfaces.ICaller>}, which says what holds for all of it.
"""

from __future__ import annotations

from chatroom.interfaces.contract import Contract
from chatroom.interfaces.values import Receipt


class ITalk(Contract):
    """What a person says."""

    @property
    def correspondent(self) -> str | None:
        """
        The nickname, as it is now, of the person who whispered to this connection last. C{None} if nobody did, or if a
        guest did who has left: the next person with that nickname is somebody else.
        """

    def say(
        self, text: str, room: str | None = None, act: bool = False, auto: bool = False, nonce: str = ""
    ) -> Receipt:
        """
        Talk in a room; with C{act}, as C{/me}; with C{auto} and without C{act}, as a program that says it by itself and
        that no program is to answer. With C{nonce}, the event has that as well, so that a program knows its message
        again. The one method on the path of every line: it makes no Deferred.

        @raise Unlawful: empty, too long. @raise NotInRoom: @raise Muted: @raise TooSoon: @raise Filtered:
        """

    def tell_operators(self, text: str, room: str | None = None, auto: bool = False) -> tuple[Receipt, int]:
        """
        Say something to the operators and owners who are in a room, and to nobody else; with C{auto}, as a program that
        says it by itself. It is in no history. It costs as much as a whisper to each of them.

        @return: of an L{OperatorsTold<chatroom.events.OperatorsTold>}; and how many they are.
        @raise Unlawful: empty, too long. @raise NotInRoom: @raise Muted: @raise TooSoon: @raise Filtered:
        @raise NoSuchPerson: no other operator is there.
        """

    async def whisper(self, to: str, text: str, auto: bool = False) -> bool:
        """
        Say something to one person; with C{auto}, as a program that says it by itself and that no program is to answer.
        True if they are on line, False if it waits in their inbox.

        @raise NoSuchPerson: neither on line nor an account. @raise LimitReached: the inbox is full.
        """

    def whisper_now(self, to: str, text: str, auto: bool = False) -> Receipt | None:
        """
        The same for a person who is online, without waiting; C{None} if they are not. They may have left before it is
        delivered: then the receipt's C{reached} is false.

        @raise Unlawful: empty, too long.
        """

    async def leave_whisper(self, receipt: Receipt) -> None:
        """
        Put a whisper that reached nobody into an inbox. Its sender may have left as well.

        @raise NoSuchPerson: there is no account of that name. @raise LimitReached: the inbox is full.
        """

"""
How each kind of server is spoken to: coming in, entering a room, and what stands around a text that is said.

Bytes only: nothing here connects. Nicknames are C{m0000} and up, rooms C{room0} and up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Step:
    """
    Something a newcomer sends, and what the answer has in it.

    @ivar token: part of one line, that is in no line before the answer. The same for everybody.
    """

    data: bytes
    token: str


class Dialect(Protocol):
    """
    @ivar end: the end of a line that is sent.
    @ivar at_once: how many may come in at the same time without one of them being turned away.
    """

    end: bytes
    at_once: int

    def come_in(self, nick: str) -> Sequence[Step]:
        """From connecting to having a nickname."""

    def enter(self, room: str, first: bool) -> Sequence[Step]:
        """
        From there into a room, and out of any other.

        @param first: nobody is in it yet.
        """

    def say(self, room: str, size: int) -> bytes:
        """What stands before a text of so many bytes, said to a room."""

    def whisper(self, nick: str, size: int) -> bytes:
        """The same, said to one person."""


class ChatroomLines:
    """The line door, as nc sees it. A word that is no command is refused by its name, which is the token."""

    end = b"\n"
    at_once = 40

    def come_in(self, nick: str) -> Sequence[Step]:
        """See L{Dialect}."""
        return [Step(f"{nick}\n/come-in\n".encode(), "! There is no command /come-in.")]

    def enter(self, room: str, first: bool) -> Sequence[Step]:
        """See L{Dialect}."""
        word = "create" if first else "join"
        return [Step(f"/{word} {room}\n/leave lobby\n/entered\n".encode(), "! There is no command /entered.")]

    def say(self, room: str, size: int) -> bytes:
        """See L{Dialect}. It is said in the room looked at."""
        return b""

    def whisper(self, nick: str, size: int) -> bytes:
        """See L{Dialect}."""
        return f"@{nick} ".encode()


class Irc:
    """RFC 2812."""

    end = b"\r\n"
    at_once = 400

    def come_in(self, nick: str) -> Sequence[Step]:
        """See L{Dialect}. InspIRCd lets people in once a second, and takes no JOIN before."""
        return [Step(f"NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n".encode(), " 001 m")]

    def enter(self, room: str, first: bool) -> Sequence[Step]:
        """See L{Dialect}."""
        return [Step(f"JOIN #{room}\r\nPING entered\r\n".encode(), " PONG ")]

    def say(self, room: str, size: int) -> bytes:
        """See L{Dialect}."""
        return f"PRIVMSG #{room} :".encode()

    def whisper(self, nick: str, size: int) -> bytes:
        """See L{Dialect}."""
        return f"PRIVMSG {nick} :".encode()


class IrcOfChatroom(Irc):
    """The same at our server, which checks no more newcomers at once than at its other ports."""

    at_once = ChatroomLines.at_once


class NatsCore:
    """The client protocol of NATS: a subject per room, and one per person. It has no nicknames, and checks nothing."""

    end = b"\r\n"
    at_once = 400

    def come_in(self, nick: str) -> Sequence[Step]:
        """See L{Dialect}."""
        hello = f'CONNECT {{"verbose":false,"pedantic":false,"echo":false,"protocol":1,"name":"{nick}"}}\r\n'
        return [Step(f"{hello}SUB person.{nick} 1\r\nPING\r\n".encode(), "PONG")]

    def enter(self, room: str, first: bool) -> Sequence[Step]:
        """See L{Dialect}."""
        return [Step(f"SUB room.{room} 2\r\nPING\r\n".encode(), "PONG")]

    def say(self, room: str, size: int) -> bytes:
        """See L{Dialect}."""
        return f"PUB room.{room} {size}\r\n".encode()

    def whisper(self, nick: str, size: int) -> bytes:
        """See L{Dialect}."""
        return f"PUB person.{nick} {size}\r\n".encode()


def nick(index: int) -> str:
    """What member number C{index} is called."""
    return f"m{index:04}"


_ASCII = "the quick brown fox jumps over the lazy dog and comes back to say it was nothing at all, "
_OTHER = "Zwölf Boxkämpfer jagen Viktor quer über den großen Deich: съешь же ещё этих мягких булок 日本語も😀, "


def filler(size: int, ascii: bool) -> bytes:
    """
    C{size} bytes of UTF-8 that a chat server has no reason to change, with no space at the end.

    @param ascii: all of it; otherwise most words are not.
    """
    words = _ASCII if ascii else _OTHER
    made = (words * (size // len(words) + 1)).encode()[:size].decode(errors="ignore")
    return (made.rstrip() + "." * size).encode()[:size]

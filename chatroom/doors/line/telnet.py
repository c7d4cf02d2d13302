"""
Telnet, for those who speak it: commands are taken out of what they send, and passwords are typed without echo.

A filter in front of the line door, made only for a peer that sends the byte IAC, or whose lines end as telnet's do; nc
never meets it. Negotiation itself is Twisted's (RFC 854, RFC 1143). Every option is refused but the two we ask for:
ECHO (RFC 857), which keeps a terminal from showing what is typed, and NAWS (RFC 1073), by which it says how wide it is.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.conch.telnet import ECHO, IAC, NAWS, Telnet
from twisted.internet.defer import Deferred
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from chatroom.states import TelnetSnapshot

LONGEST_SUBNEGOTIATION = 512
"""Bytes. We ask for that of NAWS alone, which has four; others are read over, and a longer one ends the connection."""


_COMMANDS = {
    b"\xec": b"",  # EOF, SUSP and ABORT: keys such as Ctrl+D and Ctrl+Z (RFC 1184, 2.5)
    b"\xed": b"",
    b"\xee": b"\x15",
    b"\xef": b"",  # EOR (RFC 885)
    b"\xf0": b"",  # SE behind no SB
    b"\xf1": b"",  # NOP, DM
    b"\xf2": b"",
    b"\xf3": b"\x15",  # BRK, IP: who breaks off a line does not mean to send it
    b"\xf4": b"\x15",
    b"\xf5": b"",  # AO, AYT
    b"\xf6": b"",
    b"\xf7": b"\x7f",  # EC erases a character, EL the line
    b"\xf8": b"\x15",
    b"\xf9": b"",  # GA
}
"""Commands of one byte, and the keys that they are like (RFC 854). See L{chatroom.doors.line.typed_keys}."""


def _nobody(what: bytes | str | int) -> None:
    """Takes what comes when the connection is gone."""


class TelnetFilter(Telnet):
    """
    Bytes in, lines and their ends out; replies to commands go to C{send}.

    What it makes of its input does not depend on how that was cut into pieces.
    """

    _MAX_SUBNEGOTIATION_LENGTH = LONGEST_SUBNEGOTIATION

    def __init__(
        self,
        received: Callable[[bytes], None],
        send: Callable[[bytes], None],
        cut: Callable[[str], None],
        resized: Callable[[int], None],
    ) -> None:
        """
        @param received: takes what is left of the input: UTF-8, its lines ended by LF.
        @param send: takes bytes for the peer.
        @param cut: breaks the connection off, for the reason given.
        @param resized: takes the number of columns of the window; 0: the peer does not know it.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        self._received = received
        self._send = send
        self._cut = cut
        self._resized = resized
        self._width = 0
        self._ends_in_return = False
        self._hide = False
        self._may_hide = True

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is not needed any more, and holds on to nothing."""
        super().connectionLost(reason)  # type: ignore[no-untyped-call]
        self.commandMap.clear()
        self._received = self._send = self._cut = self._resized = _nobody

    def filter(self, data: bytes) -> None:
        """The peer sent this. Of Twisted's parser it sees only commands, byte by byte; text goes past it."""
        at = 0
        while at < len(data):
            if self.state == "data":
                end = data.find(IAC, at)
                if end != at:
                    end = len(data) if end < 0 else end
                    self._text(data[at:end])
                    at = end
                    continue
            self._command(data[at : at + 1])
            at += 1

    def _text(self, text: bytes) -> None:
        """A line ends with CR LF, and a lone CR is CR NUL (RFC 854); terminals send any of them for Enter."""
        if self._ends_in_return and text[:1] in (b"\n", b"\0"):
            text = text[1:]
        self._ends_in_return = text.endswith(b"\r")
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n").replace(b"\r\0", b"\n").replace(b"\r", b"\n")
        if text:
            self._received(text)

    def _command(self, byte: bytes) -> None:
        if self.state == "escaped" and byte in _COMMANDS:
            self.state = "data"
            if _COMMANDS[byte]:
                self._text(_COMMANDS[byte])
            return
        try:
            self.dataReceived(byte)  # type: ignore[no-untyped-call]
        except ValueError:  # IAC before a byte that makes no command: text in another encoding, then
            self.state = "data"
            self._received(IAC + byte)
        except AssertionError:
            pass  # a yes to what was not asked; Twisted has it that this cannot happen

    def applicationDataReceived(self, data: bytes) -> None:
        """Only ever IAC IAC, a byte of text. It is in no UTF-8, and the line will be refused for it."""
        self._received(data)

    def _write(self, data: bytes) -> None:
        self._send(data)

    def negotiate(self, data: list[bytes]) -> None:
        """A subnegotiation, perhaps an empty one: of NAWS, the columns and rows of a window; any other is read over."""
        if data[:1] == [NAWS] and len(data) == 5:
            width = int.from_bytes(b"".join(data[1:3]), "big")
            if width != self._width:
                self._width = width
                self._resized(width)

    # The window.

    def ask_width(self) -> None:
        """Ask the peer how wide its window is. It may refuse, or say nothing."""
        self.do(NAWS).addErrback(lambda refused: None)  # type: ignore[no-untyped-call]

    def enableRemote(self, option: bytes) -> bool:
        """The peer offers to do something by itself."""
        return option == NAWS

    def disableRemote(self, option: bytes) -> None:
        """It does not do so any more."""

    def _subnegotiationLengthExceeded(self) -> None:  # noqa: N802 Twisted's
        self._cut("sent an endless telnet subnegotiation")

    # Typing unseen.

    def hide_typing(self, hide: bool) -> None:
        """
        Ask the peer not to show what is typed, or to show it again.

        It may refuse or say nothing, and then nothing changes.
        """
        self._hide = hide
        self._negotiate_echo()

    def _negotiate_echo(self) -> None:
        """One question at a time: a change of mind waits for the answer to the last one."""
        state = self.getOptionState(ECHO).us  # type: ignore[no-untyped-call]
        if state.negotiating or not self._may_hide or self._hide == (state.state == "yes"):
            return
        self._wait(self.will(ECHO) if self._hide else self.wont(ECHO))  # type: ignore[no-untyped-call]

    def _wait(self, asked: Deferred[bool]) -> None:
        asked.addCallbacks(lambda _: self._negotiate_echo(), lambda _: self._refused())

    def _refused(self) -> None:
        self._may_hide = False

    def is_hidden(self) -> bool:
        """Whether the peer has agreed to show nothing: then it does not show the end of the line either."""
        hidden: bool = self.getOptionState(ECHO).us.state == "yes"  # type: ignore[no-untyped-call]
        return hidden

    def disableLocal(self, option: bytes) -> None:
        """The peer shows what is typed again, at our wish or its own."""

    # From one process to the next.

    def snapshot(self) -> TelnetSnapshot:
        """Where the negotiation is. Of other options than ECHO and NAWS there is nothing to say: all are refused."""
        echo = self.getOptionState(ECHO).us  # type: ignore[no-untyped-call]
        window = self.getOptionState(NAWS).him  # type: ignore[no-untyped-call]
        return TelnetSnapshot(
            parsing=self.state,
            command=getattr(self, "command", b""),
            subnegotiation=b"".join(getattr(self, "commands", ())),
            ends_in_return=self._ends_in_return,
            hide=self._hide,
            may_hide=self._may_hide,
            hidden=echo.state == "yes",
            asked=echo.negotiating,
            width=self._width,
            window=window.state == "yes",
            window_asked=window.negotiating,
        )

    def restore(self, state: TelnetSnapshot) -> None:
        """Go on there."""
        self.state = state.parsing
        if self.state == "command":
            self.command = state.command
        elif self.state.startswith("subnegotiation"):
            self.commands = [bytes([byte]) for byte in state.subnegotiation]
        self._ends_in_return = state.ends_in_return
        self._hide, self._may_hide = state.hide, state.may_hide
        self._width = state.width
        if state.width:
            self._resized(state.width)
        window = self.getOptionState(NAWS).him  # type: ignore[no-untyped-call]
        window.state = "yes" if state.window else "no"
        if state.window_asked:
            window.negotiating, window.onResult = True, Deferred()
            window.onResult.addErrback(lambda refused: None)
        echo = self.getOptionState(ECHO).us  # type: ignore[no-untyped-call]
        echo.state = "yes" if state.hidden else "no"
        if state.asked:
            echo.negotiating, echo.onResult = True, Deferred()
            self._wait(echo.onResult)

"""
Telnet, for those who speak it: commands are taken out of what they send, and passwords are typed without echo.

A filter in front of the line door, made only for a peer that sends the byte IAC, or whose lines end as telnet's do; nc
never meets it. Negotiation itself is Twisted's (RFC 854, RFC 1143). Every option is refused but the three we ask for:
NAWS (RFC 1073), by which a terminal says how wide it is; ECHO (RFC 857), which keeps it from showing what is typed; and
SUPPRESS-GO-AHEAD (RFC 858). A peer that agrees to the last two sends each key as it is pressed ("character mode").
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.conch.telnet import ECHO, IAC, NAWS, SGA, Telnet
from twisted.internet.defer import Deferred
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from chatroom.states import TelnetSnapshot

LONGEST_SUBNEGOTIATION = 512
"""Bytes. We ask for that of NAWS alone, which has four; others are read over, and a longer one ends the connection."""

COMMAND_BURST = 128 * 1024
"""Bytes of commands that one peer may send at once. To read them is more work than to read text."""

COMMAND_RATE = 1024
"""Bytes of commands a second after that: a hundred new sizes of the window. Who sends more is cut."""

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

    @ivar command_bytes: how many bytes of its input were read as commands. The connection sets it to 0.
    """

    _MAX_SUBNEGOTIATION_LENGTH = LONGEST_SUBNEGOTIATION

    def __init__(
        self,
        received: Callable[[bytes], None],
        send: Callable[[bytes], None],
        cut: Callable[[str], None],
        resized: Callable[[int], None],
        sends_keys: Callable[[bool], None] | None = None,
    ) -> None:
        """
        @param received: takes what is left of the input: UTF-8, its lines ended by LF.
        @param send: takes bytes for the peer.
        @param cut: breaks the connection off, for the reason given.
        @param resized: takes the number of columns of the window; 0: the peer does not know it.
        @param sends_keys: called when the peer begins to send each key, and when it goes back to whole lines. Without
            it, no peer is asked to.
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
        self._sends_keys = sends_keys
        self._edit = False
        self._may_edit = sends_keys is not None
        self._told_keys = self._offered = False
        self.command_bytes = 0
        for option in (ECHO, NAWS, SGA):
            # Known from now on: when the connection is lost, Twisted goes through them while we ask for one.
            self.getOptionState(option)  # type: ignore[no-untyped-call]

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is not needed any more, and holds on to nothing."""
        self._may_edit = self._edit = self._may_hide = False
        super().connectionLost(reason)  # type: ignore[no-untyped-call]
        self.commandMap.clear()
        self._received = self._send = self._cut = self._resized = _nobody
        self._sends_keys = None

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
            self.command_bytes += 1
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
            if self._offered:  # behind our answer to the offer
                self._offered = False
                self._ask_for_keys()
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
        self._wait_for_window(self.do(NAWS))  # type: ignore[no-untyped-call]

    def _wait_for_window(self, asked: Deferred[bool]) -> None:
        """Whoever answers at all speaks telnet, and can be asked for more."""
        asked.addBoth(lambda outcome: self._ask_for_keys())

    def enableRemote(self, option: bytes) -> bool:
        """The peer offers to do something by itself."""
        if option == NAWS and not self.getOptionState(NAWS).him.negotiating:  # type: ignore[no-untyped-call]
            self._offered = True
        return option == NAWS

    def disableRemote(self, option: bytes) -> None:
        """It does not do so any more."""

    # Each key.

    def _ask_for_keys(self) -> None:
        """Ask the peer to send each key and to show none of them. Asked once."""
        if not self._may_edit or self._edit:
            return
        self._edit = True
        self._negotiate_echo()
        if self.getOptionState(SGA).us.state == "no":  # type: ignore[no-untyped-call]
            self._wait_for_keys(self.will(SGA))  # type: ignore[no-untyped-call]
        self._tell_keys()

    def _wait_for_keys(self, asked: Deferred[bool]) -> None:
        asked.addCallbacks(lambda _: self._keys_agreed(), lambda _: self.edit_no_more())

    def _keys_agreed(self) -> None:
        self._tell_keys()
        if not self._edit:
            self._want_lines()

    def edit_no_more(self) -> None:
        """The peer wants to send whole lines, or is to: do not ask again."""
        self._may_edit = self._edit = False
        self._tell_keys()
        self._negotiate_echo()
        self._want_lines()

    def _want_lines(self) -> None:
        """Have the peer send whole lines: to many clients, SUPPRESS-GO-AHEAD alone means that they send each key."""
        keys = self.getOptionState(SGA).us  # type: ignore[no-untyped-call]
        if keys.state == "yes" and not keys.negotiating:
            self.wont(SGA).addBoth(lambda outcome: None)  # type: ignore[no-untyped-call]

    def sends_keys(self) -> bool:
        """Whether the peer has agreed to send each key as it is pressed."""
        return self._edit and self.is_hidden() and self.getOptionState(SGA).us.state == "yes"  # type: ignore[no-untyped-call]

    def _tell_keys(self) -> None:
        keys = self.sends_keys()
        if keys != self._told_keys and self._sends_keys is not None:
            self._told_keys = keys
            self._sends_keys(keys)

    def enableLocal(self, option: bytes) -> bool:
        """The peer asks for something by itself: many clients begin with a wish for SGA."""
        return option == SGA and self._sends_keys is not None

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
        wanted = self._hide or self._edit
        if state.negotiating or not self._may_hide or wanted == (state.state == "yes"):
            return
        self._wait(self.will(ECHO) if wanted else self.wont(ECHO))  # type: ignore[no-untyped-call]

    def _wait(self, asked: Deferred[bool]) -> None:
        asked.addCallbacks(lambda _: self._agreed(), lambda _: self._refused())

    def _agreed(self) -> None:
        self._negotiate_echo()
        self._tell_keys()

    def _refused(self) -> None:
        self._may_hide = False
        self.edit_no_more()

    def hides(self) -> bool:
        """Whether what is typed is to be hidden now, whatever the peer says."""
        return self._hide

    def is_hidden(self) -> bool:
        """Whether the peer has agreed to show nothing: then it does not show the end of the line either."""
        hidden: bool = self.getOptionState(ECHO).us.state == "yes"  # type: ignore[no-untyped-call]
        return hidden

    def disableLocal(self, option: bytes) -> None:
        """The peer shows what is typed again, or sends whole lines, at our wish or its own."""
        if self._edit:
            self._may_edit = self._edit = False
            self._tell_keys()
            if option != ECHO:  # of which nothing is asked until the peer has read our answer
                self._negotiate_echo()
            self._want_lines()

    # From one process to the next.

    def snapshot(self) -> TelnetSnapshot:
        """Where the negotiation is. Of options that are not asked for there is nothing to say: all are refused."""
        keys = self.getOptionState(SGA).us  # type: ignore[no-untyped-call]
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
            edit=self._edit,
            keys=keys.state == "yes",
            keys_asked=keys.negotiating,
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
            self._wait_for_window(window.onResult)
        echo = self.getOptionState(ECHO).us  # type: ignore[no-untyped-call]
        echo.state = "yes" if state.hidden else "no"
        if state.asked:
            echo.negotiating, echo.onResult = True, Deferred()
            self._wait(echo.onResult)
        keys = self.getOptionState(SGA).us  # type: ignore[no-untyped-call]
        keys.state = "yes" if state.keys else "no"
        self._edit = state.edit and self._may_edit
        if state.keys_asked:
            keys.negotiating, keys.onResult = True, Deferred()
            self._wait_for_keys(keys.onResult)
        self._told_keys = self.sends_keys()
        if state.edit and not self._edit:  # this process does not edit
            self._negotiate_echo()

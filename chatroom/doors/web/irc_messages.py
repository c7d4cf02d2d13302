"""
IRC over WebSocket: each line is a message of its own, without its line end.

IRCv3, WebSocket support: text messages by C{text.ircv3.net}, binary ones by C{binary.ircv3.net}. Some clients name no
subprotocol; their first line shows what they speak. It knows lines and frames, and no connections.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from zope.interface import implementer

from chatroom.doors.irc.forms import IrcForm, IrcStyle
from chatroom.doors.irc.network import Network
from chatroom.doors.web.frames import BINARY, TEXT, Code, close_frame, message_frame
from chatroom.events import Event, Noticed
from chatroom.interfaces import IForm

SUBPROTOCOLS: Mapping[str, int] = {"text.ircv3.net": TEXT, "binary.ircv3.net": BINARY}
"""Those that a client may ask for, with the first byte of the frames that it is sent."""

_FIRST = re.compile(rb"(@\S+ +)?(CAP|NICK|PASS|USER) ")
"""How the first line of an IRC client begins."""


def subprotocol(offered: Iterable[str]) -> str:
    """
    The first one that is of IRC; C{""}: there is none.

    @param offered: the values of C{Sec-WebSocket-Protocol} (RFC 6455, 11.3.4), what the client likes best first.
    """
    names = (name.strip() for name in ",".join(offered).split(","))
    return next((name for name in names if name in SUBPROTOCOLS), "")


def is_irc(message: bytes) -> bool:
    """Whether somebody speaks IRC who has named no subprotocol and begins with this."""
    return _FIRST.match(message) is not None


def lines_of(message: bytes) -> list[bytes]:
    """The lines in a message: one, without its end. A client that puts several into one is understood as well."""
    return [line for line in (each.rstrip(b"\r") for each in message.split(b"\n")) if line]


def framed(lines: bytes, first: int) -> bytes:
    """Whole lines as frames. @param first: the first byte of each."""
    return b"".join([message_frame(first, line) for line in lines.split(b"\r\n") if line])


@implementer(IForm)
class _FramedForm:
    """Events as frames, made once for all who read the same lines."""

    echoes = IrcForm.echoes

    def __init__(self, lines: IrcForm, first: int) -> None:
        self._lines = lines
        self._first = first

    def render(self, events: Sequence[Event], reader: str = "") -> list[bytes]:
        """See L{IForm.render}."""
        return [framed(data, self._first) for data in self._lines.render(events, reader)]


class IrcFrames:
    """
    What all IRC clients of the web door share.

    @ivar network: what they share with those of other doors.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._forms: dict[tuple[IrcForm, int], IForm] = {}

    def form(self, lines: IrcForm, first: int) -> IForm:
        """The frames of such lines. As many are kept as the network has styles, for each subprotocol."""
        made = self._forms.get((lines, first))
        if made is None:
            made = self._forms[lines, first] = _FramedForm(lines, first)
        return made


class IrcMessages:
    """
    How one client is written to: a L{chatroom.doors.irc.framing.IrcFraming}, and the style that it gives.

    @ivar code: why the connection is closed, when it is.
    """

    __slots__ = ("_first", "_form", "_frames", "_lines", "code")

    def __init__(self, frames: IrcFrames, named: str = "") -> None:
        """@param named: the subprotocol that was agreed on; C{""}: none, which means text."""
        self.code = Code.NORMAL
        self._frames = frames
        self._first = SUBPROTOCOLS.get(named, TEXT)
        self.style(frames.network.style(frozenset()))

    # Of a IrcFraming.

    def style(self, lines: IrcStyle) -> IrcMessages:
        """See L{chatroom.doors.irc.framing.IrcFraming}."""
        self._lines = lines
        self._form = self._frames.form(lines.form(True), self._first)
        return self

    def framed(self, lines: bytes) -> bytes:
        """See L{chatroom.doors.irc.framing.IrcFraming}."""
        return framed(lines, self._first)

    # Of a Style.

    def form(self, here: bool) -> IForm:
        """See L{chatroom.doors.outbox.Style}."""
        return self._form

    def told(self, parts: Sequence[str | Event], room: str | None, now: float, reader: str = "") -> bytes:
        """The notice that says goodbye brings the close frame with it: nothing is written behind it."""
        data = self.framed(self._lines.told(parts, room, now, reader))
        for part in parts:
            if isinstance(part, Noticed) and part.code == "closing":
                data += close_frame(self.code, part.text)
        return data

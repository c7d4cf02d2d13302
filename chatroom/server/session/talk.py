"""
Talking: in a room, and to one person.
"""

from __future__ import annotations

from contextlib import suppress

from chatroom.core import inbox
from chatroom.core.cleaning import clean_lines, quoted
from chatroom.core.names import fold
from chatroom.errors import NotInRoom, NotKept
from chatroom.events import SERVER, Event, Mailed, Whispered
from chatroom.interfaces import Receipt
from chatroom.interfaces.plugin_services import WHISPER
from chatroom.server.session.base import SessionBase

SHORT = 256
"""Characters of a message which pays for its lines alone: to send so few takes little longer than to send any."""


class TalkActions(SessionBase):
    """What L{chatroom.interfaces.ITalk} says of talk."""

    __slots__ = ()

    def say(
        self, text: str, room: str | None = None, act: bool = False, auto: bool = False, nonce: str = ""
    ) -> Receipt:
        who = (self.presence if self.lent is None else None) or self.here()
        name = room or self.room
        if name is None:
            raise NotInRoom("You are not in any room. /rooms lists them, /join ROOM joins one.")
        services = self.services
        chat = services.chat
        if chat.state.server_mutes.entries:
            self.check_may_speak()
        event = chat.talk.say(services.now(), who, name, text, act, auto, nonce)
        if chat.talk.filter is not None:
            self._show_change(event, text)
        if len(text) > SHORT or "\n" in text:
            self._charge(getattr(event, "text", ""), self.connections.readers(name))
        services.batches.check_room()
        receipt = Receipt(event, self)
        services.batches.submit(receipt)
        return receipt

    def tell_operators(self, text: str, room: str | None = None, auto: bool = False) -> tuple[Receipt, int]:
        who, services = self.here(), self.services
        if services.chat.state.server_mutes.entries:
            self.check_may_speak()
        name = self.looked_at(room).name
        event, people = services.chat.talk.to_operators(services.now(), who, name, text, auto)
        if services.chat.talk.filter is not None:
            self._show_change(event, text)
        self._charge(event.text, people)
        self.ear.charge(people - 1, shared=False)
        services.batches.check_room()
        receipt = Receipt(event, self)
        services.batches.submit(receipt)
        return receipt, people

    def check_may_talk(self, room: str | None = None) -> str:
        who, services = self.here(), self.services
        if services.chat.state.server_mutes.entries:
            self.check_may_speak()
        return "" if room is None else services.chat.talk.check_may_talk(services.now(), who, room).name

    def _charge(self, text: str, readers: int) -> None:
        """
        A message pays for each of its lines, and for the bytes that so many readers are sent. For one line and a few
        bytes, it has paid by coming.
        """
        sent = len(text.encode()) * readers if len(text) > SHORT else 0
        self.ear.charge(text.count("\n") + sent / self.services.limits.talk_bytes, shared=False)

    def _show_change(self, event: Event, typed: str) -> None:
        """Nobody is made to say what they do not know of: people see what they typed, and nothing else."""
        text = getattr(event, "text", "")
        if text != clean_lines(typed, self.services.limits.message_lines):
            self.notice("changed", f"A filter changed your message; others see: {text}")

    def whisper_now(self, to: str, text: str, auto: bool = False) -> Receipt | None:
        event, here = self._whispered(to, text, auto)
        if len(event.text) > SHORT or "\n" in event.text:
            self._charge(event.text, 1)
        if not here or self.services.checks.has(WHISPER):
            return None
        self.services.batches.check_room()
        receipt = Receipt(event, self)
        self.services.batches.submit(receipt)
        return receipt

    async def whisper(self, to: str, text: str, auto: bool = False) -> bool:
        event, here = self._whispered(to, text, auto)
        if self.services.checks.has(WHISPER):
            left = await self.checked(WHISPER, event.text, to=event.to)
            if left != event.text:
                event, here = self._whispered(to, left, auto)
                self.notice("changed", f"A plugin changed your whisper: {event.text}")
            else:
                event, here = self._whispered(to, text, auto)
        if here:
            receipt = Receipt(event, self)
            await self.services.batches.kept(receipt)
            if receipt.reached:
                return True
        await self._leave(event)
        return False

    async def leave_whisper(self, receipt: Receipt) -> None:
        assert isinstance(receipt.event, Whispered)
        await self._leave(receipt.event)

    def _whispered(self, to: str, text: str, auto: bool) -> tuple[Whispered, bool]:
        """@return: with whether its hearer is here."""
        who, services = self.here(), self.services
        text = inbox.whisper_text(text, services.limits.text_length, services.limits.message_lines)
        present = services.chat.state.people.get(fold(to))
        muting = services.chat.state.server_mutes.entries
        if muting and (present is None or not present.shown_staff):  # staff may always be asked why
            self.check_may_speak()
        if present is None:
            return Whispered(services.now(), SERVER, who.nick, quoted(to), text, who.bot, auto), False
        return Whispered(services.now(), SERVER, who.nick, present.nick, text, who.bot, auto), True

    async def _leave(self, event: Whispered) -> None:
        """Put it into an inbox."""
        services, key = self.services, fold(event.to)
        letter = inbox.letter(services.now(), event.nick, event.to, await self.account_of(key), event.text)
        if letter is not None:
            await services.backend.post(letter, services.limits.inbox_length)
            if letter.to in services.chat.state.people:  # came back meanwhile
                with suppress(NotKept):  # it waits all the same, and must not be sent again
                    await self.happen(Mailed(services.now(), SERVER, event.nick, to=letter.to))

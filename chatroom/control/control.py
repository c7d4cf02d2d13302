"""
What can be asked for by C{chatroom-admin}, by a word and its arguments, as programs ask for commands.

A person who can ask here runs the server, so that there is no role to check. What is done is written into the audit log
as done by the shell. It knows the hub and the backend; not how it is asked, nor whether anybody is on line.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from chatroom.control.base import ACTING
from chatroom.control.personal_data import PersonalData
from chatroom.control.staff import StaffControl
from chatroom.errors import BadArguments, NotAllowed, UnknownCommand, with_full_stop
from chatroom.events import SERVER, Announced, Said
from chatroom.records import shell_of
from chatroom.server.services import SERVER_NICK

Word = Callable[..., Awaitable[Mapping[str, Any]]]


class Control(PersonalData, StaffControl):
    """The words, each a method that answers with facts. All arguments are text."""

    def word(self, word: str) -> Word:
        """@raise UnknownCommand: there is none."""
        words: Mapping[str, Word] = {
            "accounts": self.accounts,
            "create": self.create,
            "password": self.password,
            "disable": self.disable,
            "enable": self.enable,
            "tokens": self.tokens,
            "service": self.service,
            "bot": self.bot,
            "certificates": self.certificates,
            "remove-certificate": self.remove_certificate,
            "revoke": self.revoke,
            "profile": self.profile,
            "letters": self.letters,
            "lines": self.lines,
            "stored": self.stored,
            "erase": self.erase,
            "post": self.post,
            "staff": self.staff,
            "role": self.role,
            "bans": self.bans,
            "ban": self.ban,
            "lift": self.lift,
            "audit": self.audit,
            "vacuum": self.vacuum,
            "process": self.process,
        }
        if word not in words:
            raise UnknownCommand(
                f"This daemon does not know {word!r}. It may be a different version than chatroom-admin."
            )
        return words[word]

    async def do(self, word: str, arguments: Mapping[str, str], user: str = "") -> Mapping[str, Any]:
        """
        Do what is asked for.

        @param user: of the machine, who asks; C{""} where that is not known.
        @raise UnknownCommand: @raise BadArguments: and what the words themselves raise.
        """
        found = self.word(word)
        try:
            inspect.signature(found).bind(**arguments)
        except TypeError as error:
            raise BadArguments(f"{word}: {with_full_stop(error)}") from None
        self.services.backend.hasten()  # the answer says what is true now
        ACTING.set(shell_of(user))  # for this coroutine alone, which has a context of its own
        return await found(**arguments)

    async def process(self) -> Mapping[str, Any]:
        """The number of the daemon's process, to send it a signal."""
        return {"pid": os.getpid()}

    async def vacuum(self) -> Mapping[str, Any]:
        """
        Give space on the disk back that nothing is in.

        @raise NotAllowed: this database cannot do it while it is open.
        """
        freed = await self.services.backend.shrink()
        if freed is None:
            raise NotAllowed(
                "An older version made this database, so it can only be shrunk while the daemon is stopped. Stop the "
                "daemon and run this again; after that it always works."
            )
        return {"freed": freed}

    async def post(self, text: str, room: str = "") -> Mapping[str, Any]:
        """
        Say something as the server: in a room, or to everybody on line where there is none named.

        @raise NoSuchRoom: @raise Unlawful: it is too long, or nothing.
        """
        services = self.services
        text = services.chat.talk.text(text)
        if room:
            event = Said(services.now(), services.chat.directory.room(room).name, SERVER_NICK, text=text)
            await services.batches.happen(event)
            return {"room": event.room, "seq": event.seq, "people": len(services.chat.state.rooms[event.room].members)}
        await services.batches.happen(Announced(services.now(), SERVER, SERVER_NICK, text=text))
        return {"people": len(services.chat.state.people)}

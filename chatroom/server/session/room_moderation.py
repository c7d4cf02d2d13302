"""
Keeping order in a room: its settings, its roles, and whom its operators kick, mute and ban.

Each wish asks L{SessionBase.governed} first. It knows nothing of the whole server.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.core.names import any_nickname, fold
from chatroom.core.permissions import in_force
from chatroom.errors import NoSuchPerson
from chatroom.events import AdmittedSet, Role, RoomBanned, RoomMuted, Sanctioned
from chatroom.server.session.base import SessionBase


class RoomModerationActions(SessionBase):
    """What L{chatroom.interfaces.IModeration} says of one room. Each wish is decided by the core, then happens."""

    __slots__ = ()

    async def set_topic_by(self, by: str, room: str | None = None) -> None:
        found = self.governed(room, "opentopic")
        await self.decree(self.services.chat.settings.set_topic_by(self.now(), self.here(), found, by))

    async def set_password(self, password: str, room: str | None = None) -> None:
        found = self.governed(room, "password")
        hash = await self.services.entrance.room_hash(password, self.asker) if password else ""
        found = self.governed(found.name, "password")
        await self.decree(self.services.chat.settings.set_password(self.now(), self.here(), found, hash))

    async def set_invite_only(self, on: bool, room: str | None = None) -> None:
        await self.decree(
            self.services.chat.settings.set_invite_only(
                self.now(), self.here(), self.governed(room, "private" if on else "public"), on
            )
        )

    async def set_slow(self, seconds: int, room: str | None = None) -> None:
        await self.decree(
            self.services.chat.settings.set_slow(self.now(), self.here(), self.governed(room, "slow"), seconds)
        )

    async def set_moderated(self, on: bool, room: str | None = None) -> None:
        found = self.governed(room, "moderated")
        await self.decree(self.services.chat.settings.set_moderated(self.now(), self.here(), found, on))

    async def set_unlisted(self, on: bool, room: str | None = None) -> None:
        found = self.governed(room, "unlisted")
        await self.decree(self.services.chat.settings.set_unlisted(self.now(), self.here(), found, on))

    async def set_capacity(self, people: int, room: str | None = None) -> None:
        found = self.governed(room, "capacity")
        await self.decree(self.services.chat.settings.set_capacity(self.now(), self.here(), found, people))

    async def set_voice(self, nick: str, on: bool, room: str | None = None) -> None:
        word = "voice" if on else "unvoice"
        found = self.governed(room, word)
        nick, account = await self.known(nick)
        found = self.governed(found.name, word)
        events = self.services.chat.moderation.set_voice(self.now(), self.here(), found, nick, account, on)
        await self.decree(*events)

    async def lock(self, until: float, reason: str = "", room: str | None = None) -> None:
        found = self.governed(room, "lock")
        reason = self.own_words(reason, [found])
        await self.decree(self.services.chat.settings.lock(self.now(), self.here(), found, until, reason))

    async def unlock(self, room: str | None = None) -> None:
        await self.decree(self.services.chat.settings.unlock(self.now(), self.here(), self.governed(room, "unlock")))

    async def invite(self, nick: str, room: str | None = None) -> None:
        found = self.governed(room, "invite")
        self.check_may_speak()
        nick, account = await self.known(nick)
        found = self.governed(found.name, "invite")
        await self.happen(self.services.chat.membership.invite(self.now(), self.here(), found, nick, account))

    async def set_admitted(self, nick: str, on: bool, room: str | None = None) -> None:
        found = self.governed(room, "admit" if on else "unadmit")
        if on:
            nick = any_nickname(nick, self.services.limits.nick_length)
        await self.decree(self.services.chat.membership.admit(self.now(), self.here(), found, nick, on))

    def admitted(self, room: str | None = None) -> Sequence[AdmittedSet]:
        return list(self.governed(room, "admitted").admitted.values())

    async def set_role(self, nick: str, role: Role, room: str | None = None) -> None:
        found = self.governed(room, "op", Role.OWNER)
        nick, account = await self.known(nick)
        found = self.governed(found.name, "op", Role.OWNER)
        await self.decree(self.services.chat.moderation.set_role(self.now(), self.here(), found, nick, account, role))

    async def known(self, nick: str) -> tuple[str, bool]:
        """
        Somebody on line or with an account: the name as shown, and whether it is an account's.

        @raise NoSuchPerson:
        """
        present = self.services.chat.state.people.get(fold(nick))
        if present is not None:
            return present.nick, present.account
        account = await self.account_of(fold(nick))
        if account is None:
            raise NoSuchPerson("There is no person or account of that name. /who lists who is here.")
        return account.name, True

    async def kick(self, nick: str, reason: str = "", room: str | None = None) -> None:
        found = self.governed(room, "kick")
        reason = self.own_words(reason, [found])
        await self.decree(*self.services.chat.moderation.kick(self.now(), self.here(), found, nick, reason))

    async def mute(self, nick: str, until: float, reason: str = "", room: str | None = None) -> RoomMuted | Sanctioned:
        name, account = await self._meant(nick)
        found = self.governed(room, "mute")
        reason = self.own_words(reason, [found])
        events = self.services.chat.moderation.mute(self.now(), self.here(), found, name, until, reason, account)
        await self.decree(*events)
        return [event for event in events if isinstance(event, RoomMuted | Sanctioned)][-1]

    async def unmute(self, nick: str, room: str | None = None) -> None:
        await self.decree(
            *self.services.chat.moderation.unmute(self.now(), self.here(), self.governed(room, "unmute"), nick)
        )

    async def ban(self, nick: str, until: float, reason: str = "", room: str | None = None) -> RoomBanned | Sanctioned:
        name, account = await self._meant(nick)
        found = self.governed(room, "ban")
        reason = self.own_words(reason, [found])
        events = self.services.chat.moderation.ban(self.now(), self.here(), found, name, until, reason, account)
        await self.decree(*events)
        return [event for event in events if isinstance(event, RoomBanned | Sanctioned)][-1]

    async def unban(self, nick: str, room: str | None = None) -> None:
        await self.decree(
            *self.services.chat.moderation.unban(self.now(), self.here(), self.governed(room, "unban"), nick)
        )

    async def _meant(self, nick: str) -> tuple[str, bool]:
        """
        A nickname as its owner writes it, and whether it is an account's; or any lawful one: also those not here can
        be banned.
        """
        present = self.services.chat.state.people.get(fold(nick))
        if present is not None:
            return present.nick, present.account
        account = await self.account_of(fold(nick))
        if account is not None:
            return account.name, True
        return any_nickname(nick, self.services.limits.nick_length), False

    def bans(self, room: str | None = None) -> Sequence[RoomBanned | RoomMuted | Sanctioned]:
        found, now = self.governed(room, "bans"), self.now()
        bans = [ban for ban in found.bans.entries.values() if in_force(ban, now)]
        return [*bans, *(mute for mute in found.mutes.entries.values() if in_force(mute, now))]

    def holds_on_me(self, room: str | None = None) -> Sequence[RoomBanned | RoomMuted | Sanctioned]:
        found, who, now = self.looked_at(room), self.here(), self.now()
        holds = (found.bans.own(who, now), found.mutes.own(who, now))
        return [hold for hold in holds if hold is not None]

    def called_now(self, act: RoomBanned | RoomMuted | Sanctioned) -> str | None:
        visit = act.visit if isinstance(act, Sanctioned) else ""
        state = self.services.chat.state
        who = state.people.get(state.by_name.visits.get(visit, ""))
        return None if who is None else who.nick

"""
Accounts, their sessions and certificates: which there are, new ones, other passwords, and the end of a session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chatroom.control.base import ACTING, ControlBase, truth
from chatroom.core.accounts import check_password, fingerprint_of, public_id
from chatroom.core.cleaning import clean
from chatroom.core.names import fold, nickname
from chatroom.errors import NickOwned, NickTaken, NotAllowed, NotFound
from chatroom.events import ALL_SESSIONS, SERVER, BotSet, Revoked
from chatroom.interfaces import Asker
from chatroom.records import Account, AuditEntry
from chatroom.server.owed import end_sessions
from chatroom.server.services import SERVER_NICK
from chatroom.server.session.tokens import new_program_session
from chatroom.wire import time_text

PAGE = 200
"""Accounts in one answer."""

HOLDER = "shell"
"""In whose name a nickname is held while something is done to it."""


class AccountsControl(ControlBase):
    """The words of L{chatroom.control.control.Control} that are about accounts."""

    async def accounts(self, after: str = "") -> Mapping[str, Any]:
        """Some accounts, by key, and what to pass as C{after} for more, or C{None}."""
        found = await self.services.backend.accounts(after, PAGE)
        listed = [await self._listed(account) for account in found]
        return {"accounts": listed, "next": found[-1].key if len(found) == PAGE else None}

    async def _listed(self, account: Account) -> Mapping[str, Any]:
        return {
            "name": account.name,
            "created": time_text(account.created),
            "staff": account.role.name.lower(),
            "online": account.key in self.services.chat.state.people,
            "sessions": len(await self.services.backend.tokens(account.key)),
            "unread": await self.services.backend.waiting(account.key),
            "disabled": account.disabled,
            "erased": account.erased,
        }

    async def create(self, name: str, password: str) -> Mapping[str, Any]:
        """
        A new account.

        @raise Unlawful: @raise NickTaken: somebody is on line by this name. @raise NickOwned: there is one.
        """
        services = self.services
        name = nickname(name, services.limits.nick_length)
        check_password(password, name, services.limits.password_length)
        if await services.backend.account(fold(name)) is not None:
            raise NickOwned(f"There is already an account called {name}.")
        hash = await services.entrance.new_hash(password, Asker())
        if not await services.claims.claim(fold(name), HOLDER):
            raise NickTaken(f"A guest is online as {name}. They can type /signup, or /nick to give up the nickname.")
        try:
            if not await services.backend.add_account(Account(name, fold(name), hash, services.now())):
                raise NickOwned(f"There is already an account called {name}.")
        finally:
            await services.claims.release(fold(name), HOLDER)
        await self.note("create", name)
        return {"name": name}

    async def password(self, name: str, password: str) -> Mapping[str, Any]:
        """
        Another password for an account, whose sessions all end.

        @raise Unlawful: @raise NotFound: @raise NotAllowed: somebody else has changed it meanwhile.
        """
        services, account = self.services, await self.account(name)
        check_password(password, account.name, services.limits.password_length)
        hash = await services.entrance.new_hash(password, Asker())
        if not await services.backend.change_account(account.key, password=hash, instead_of=account.password):
            raise NotAllowed(f"The password of {account.name} has just been changed. Try again.")
        await self.note("password", account.name)
        sentence = "An administrator has changed your password."
        left = len(await self.services.backend.certificates(account.key))
        return {"name": account.name, "revoked": await self.end_sessions(account, sentence), "certificates": left}

    async def disable(self, name: str) -> Mapping[str, Any]:
        """
        Let nobody log in to an account from now on; its sessions end, and its name stays taken.

        @raise NotFound:
        """
        account = await self.account(name)
        changed = await self._set_disabled(account, True)
        revoked = await self.end_sessions(account, "An administrator has disabled your account.")
        return {"name": account.name, "changed": changed, "revoked": revoked}

    async def enable(self, name: str) -> Mapping[str, Any]:
        """
        Let its owner log in again, by the password it had.

        @raise NotFound:
        """
        account = await self.account(name)
        return {"name": account.name, "changed": await self._set_disabled(account, False)}

    async def _set_disabled(self, account: Account, disabled: bool) -> bool:
        entry = AuditEntry(self.services.now(), ACTING.get(), "disable" if disabled else "enable", account.name)
        return await self.services.backend.set_disabled(account.key, disabled, entry)

    async def tokens(self, name: str) -> Mapping[str, Any]:
        """An account's sessions."""
        account = await self.account(name)
        return {"name": account.name, "sessions": await self.session_facts(account)}

    async def service(self, name: str, session: str) -> Mapping[str, Any]:
        """
        Begin a session with which a program logs in to an account, without its password, until it is revoked.

        @param session: its name. @return: with the token, which is shown once and kept nowhere.
        @raise NotFound: @raise Unlawful: @raise NotAllowed: the account is disabled, or there is one of this name.
        @raise LimitReached:
        """
        account = await self.account(name)
        if account.disabled:
            raise NotAllowed(f"{account.name} is disabled, so no program could log in. accounts enable changes that.")
        token = await new_program_session(self.services, account.key, session, "", account.name)
        await self.note("session", account.name, session.strip())
        return {"name": account.name, "service": session.strip(), "token": token}

    async def bot(self, name: str, on: str) -> Mapping[str, Any]:
        """
        Mark an account as a bot's, or remove the mark. Everyone sees it at once.

        @param on: C{true} or C{false}.
        @raise NotFound: @raise BadArguments:
        """
        account, wanted = await self.account(name), truth(on)
        if account.bot is not wanted:
            await self.services.backend.change_account(account.key, bot=wanted)
            await self.note("bot", account.name, "on" if wanted else "off")
        if account.key in self.services.chat.state.people:
            made = BotSet(self.services.now(), SERVER, SERVER_NICK, who=account.name, on=wanted)
            await self.services.batches.happen(made)
        return {"name": account.name, "bot": wanted, "changed": account.bot is not wanted}

    async def certificates(self, name: str) -> Mapping[str, Any]:
        """The TLS certificates that log in to an account. @raise NotFound:"""
        account = await self.account(name)
        return {"name": account.name, "certificates": await self.certificate_facts(account)}

    async def certificate_facts(self, account: Account) -> Sequence[Mapping[str, Any]]:
        """An account's certificates, oldest first."""
        return [
            {
                "fingerprint": each.fingerprint,
                "added": time_text(each.added),
                "used": time_text(each.used) if each.used else None,
            }
            for each in await self.services.backend.certificates(account.key)
        ]

    async def remove_certificate(self, name: str, fingerprint: str = "all") -> Mapping[str, Any]:
        """
        Let a certificate log in to an account no more, or any. Sessions that it has begun go on.

        @param fingerprint: of the certificate, in any spelling.
        @raise NotFound: there is no such account or certificate. @raise Unlawful: it is no fingerprint.
        """
        account, backend = await self.account(name), self.services.backend
        if fingerprint.lower() == "all":
            what, wanted = "all", [each.fingerprint for each in await backend.certificates(account.key)]
        else:
            what = fingerprint_of(fingerprint)
            wanted = [what]
        removed = await backend.drop_certificates(account.key, wanted)
        if removed:
            await self.note("certificate", account.name, f"removed {what}")
        elif what != "all":
            raise NotFound(f"{account.name} has no certificate {what}.")
        return {"name": account.name, "removed": removed}

    async def revoke(self, name: str, session: str = "all") -> Mapping[str, Any]:
        """
        End one session or all. Who is on line by it is let go.

        @param session: its id, or the name of one for a program.

        @raise NotFound: there is no such account or session.
        """
        account = await self.account(name)
        sentence = "An administrator has ended this session."
        ended = await self.end_sessions(account, sentence, session.lower())
        if session != "all" and not ended:
            raise NotFound(f"{account.name} has no session {clean(session)}.")
        if ended:
            await self.note("revoke", account.name, f"{ended} session{'s' if ended > 1 else ''}")
        return {"name": account.name, "revoked": ended}

    async def session_facts(self, account: Account) -> Sequence[Mapping[str, Any]]:
        """An account's sessions, latest use first, without what they could be resumed by."""
        return [
            {
                "session": public_id(token.digest),
                "from": token.label,
                "created": time_text(token.created),
                "used": time_text(token.used),
                "expires": time_text(token.expires),
                "kept": token.kept,
                "service": token.service,
            }
            for token in await self.services.backend.tokens(account.key)
        ]

    async def end_sessions(self, account: Account, sentence: str, session: str = "all") -> int:
        """
        End those of this public id, or of this name, or all; returns how many. Who is here by one reads the sentence.
        """
        services = self.services
        tokens = await services.backend.tokens(account.key)
        named = [token.digest for token in tokens if token.service and fold(token.service) == fold(session)]
        ended = named or [token.digest for token in tokens if session in ("all", public_id(token.digest))]
        which = (ALL_SESSIONS,) if session == "all" else map(public_id, ended)
        told = [Revoked(services.now(), SERVER, account.name, each, sentence) for each in which]
        return await end_sessions(services, ended, told)

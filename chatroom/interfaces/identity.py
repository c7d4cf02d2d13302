"""
Who one is: nicknames, accounts, sessions, certificates, and what an account remembers.

It is a part of L{ICaller<chatroom.interfaces.ICaller>}, which says what holds for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.interfaces.contract import Contract
from chatroom.interfaces.values import CertificateInfo, Login, SessionInfo


class IIdentity(Contract):
    """Who a connection is, and how it becomes that."""

    @property
    def nick(self) -> str | None:
        """The nickname, or C{None} before registration."""

    @property
    def identity(self) -> str | None:
        """
        What stays the same while this person is here, whatever nickname they take, and after an upgrade: of an account
        its folded name, on every connection and for good; of a guest C{~} and 16 digits, until they leave. C{None}
        before registration. A guest who signs up or logs in has the account's from then on.
        """

    @property
    def account(self) -> bool:
        """Whether the connection has logged in to an account: C{bool}."""

    @property
    def ignored(self) -> frozenset[str]:
        """Keys of the people whom this person ignores: a frozenset of C{str}."""

    @property
    def zone(self) -> str:
        """The time zone in which this person reads times, such as C{Europe/Rome}: a C{str}, empty for UTC."""

    @property
    def certificate(self) -> str:
        """
        The fingerprint of the TLS certificate that the client has presented: SHA-256, as 64 small hexadecimal digits;
        C{""}: it has presented none.
        """

    async def register(self, nick: str, lobby: bool = True) -> Login:
        """
        Take a nickname as a guest, and enter the lobby. A client whose L{certificate} belongs to the account of that
        name is logged in to the account.

        @param lobby: without it, be on line and in no room.

        @raise Unlawful: @raise NickTaken: @raise NickOwned: @raise LockedDown:
        @raise Banned: @raise AccountDisabled:
        """

    async def login(self, name: str, password: str, keep: bool = False) -> Login:
        """
        Log in to an account. Before registration, it also registers; a guest stays in the rooms they are in, under the
        account's name.

        @param keep: the session that begins is to live on without this connection. Another one ends a few minutes
            after it.
        @raise WrongPassword: also for a name nobody has, after the same time.
        @raise Throttled: @raise Busy:
        """

    async def resume(self, token: str) -> Login:
        """
        Log in with a session token; it lives on.

        @raise WrongPassword: it is unknown, revoked or expired.
        """

    async def signup(self, password: str, keep: bool = False) -> Login:
        """
        Make the nickname an account's, and log in to it.

        @param keep: see L{login}.
        @raise Unlawful: the password is too short or is the name.
        @raise NotAllowed: already logged in. @raise Throttled: @raise LockedDown: @raise Busy:
        """

    async def keep_session(self) -> SessionInfo:
        """Let this connection's session live on without it; returns it as it is now."""

    async def logout(self) -> None:
        """
        Revoke this connection's session, leave the server and be without a nickname, as a new connection is.

        @raise NeedsAccount:
        """

    async def passwd(self, old: str, new: str) -> int:
        """
        Change the password and revoke all other sessions; returns how many.

        @raise WrongPassword: @raise Unlawful: @raise Throttled:
        """

    async def create_session(self, name: str) -> str:
        """
        Begin a session of this account for a program, which needs no password then and lasts until it is revoked.

        @param name: for its owner to know it by.
        @return: the token, which is shown once and kept nowhere.
        @raise NotAllowed: this connection is a program's that logged in so itself, or there is one of that name.
        @raise Unlawful: it cannot have that name. @raise LimitReached: there are too many.
        """

    async def sessions(self) -> Sequence[SessionInfo]:
        """This account's sessions, newest use first."""

    async def revoke(self, session: str) -> int:
        """
        End the session with this public id or name, or C{all} but this one; returns how many. Connections that
        logged in by it are closed.

        @raise NotAllowed: it is this one, or this connection is a program's: see L{create_session}.
        @raise NotFound:
        """

    async def add_certificate(self, fingerprint: str = "") -> str:
        """
        Let a TLS certificate log in to this account.

        @param fingerprint: as a person types it; C{""}: the fingerprint of this connection's certificate.
        @return: the fingerprint, as it is kept.
        @raise NeedsAccount: @raise Unlawful: it is no fingerprint. @raise LimitReached: there are too many.
        @raise NotAllowed: another account has it, or this connection is a program's: see L{create_session}.
        @raise NotFound: this connection has none.
        """

    async def certificates(self) -> Sequence[CertificateInfo]:
        """The certificates of this account, oldest first. @raise NeedsAccount:"""

    async def remove_certificate(self, fingerprint: str) -> int:
        """
        Let a certificate log in to this account no more. Sessions that it has begun go on.

        @param fingerprint: all of it, or its first 8 digits or more; or C{all}.
        @return: how many are removed.
        @raise NeedsAccount: @raise NotAllowed: this connection is a program's. @raise NotFound:
        """

    async def rename(self, nick: str) -> None:
        """
        Change a guest's nickname, or the letter case of anyone's.

        @raise Unlawful: @raise NickTaken: @raise NickOwned: @raise NotAllowed: logged in, and not only a
            change of letter case.
        """

    async def set_away(self, text: str) -> Sequence[str]:
        """
        Be away, or back where C{text} is empty.

        @return: names of the rooms that do not read it: the person is muted there, or has to wait because of slow mode.
        """

    async def ignore(self, nick: str) -> None:
        """
        Hide everything from this nickname; kept for accounts.

        @raise Unlawful: @raise LimitReached:
        """

    def ignore_again(self, nicks: Sequence[str]) -> None:
        """
        Ignore these from the beginning, before registration: the people a guest ignored on the connection before. An
        account has a list of its own.

        @raise Unlawful: @raise LimitReached:
        """

    async def unignore(self, nick: str) -> None:
        """
        Stop ignoring this nickname.

        @raise NotFound: it was not ignored.
        """

    async def mark_bot(self, on: bool, nick: str | None = None) -> str:
        """
        Mark oneself as a bot, or remove the mark. An account keeps it; a guest's ends with the visit and with the
        nickname. Staff can mark other accounts, of people with a lower role.

        @param nick: the name of the account; C{None}: oneself.
        @return: the name of whom it marks.
        @raise NotAllowed: @raise NoSuchPerson: there is no such account.
        """

    async def set_zone(self, zone: str) -> None:
        """
        Read times in this zone; kept for accounts.

        @param zone: a name as L{chatroom.zones.named} gives it, or C{""} for UTC.
        @raise Unlawful: there is no such zone.
        """

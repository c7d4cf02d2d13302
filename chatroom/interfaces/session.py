"""
What a door may ask for the connection that it holds, beyond what commands may.

It knows L{ICaller<chatroom.interfaces.ICaller>}, and what one process hands over to the next.
"""

from __future__ import annotations

from chatroom.interfaces.caller import ICaller
from chatroom.interfaces.contract import Contract
from chatroom.interfaces.values import Login
from chatroom.states import CallerSnapshot


class ISession(ICaller, Contract):
    """
    A connection for the door that holds it. Plugins do not see this: they are given L{ICaller}.
    """

    async def prove(self, name: str, password: str) -> str:
        """
        Check the password of an account only: no name is claimed, no session begins, and no event is sent. L{arrive}
        may follow, or nothing. Also for a connection that is logged in, to this account or to another one.

        @return: the name of the account, as its owner writes it.
        @raise WrongPassword: also for a name nobody has, after the same time.
        @raise Throttled: @raise Busy: @raise Banned: @raise AccountDisabled:
        """

    async def check_nick(self, nick: str) -> str:
        """
        Whether C{register} would refuse this nickname to this connection, which has none. Somebody may have it.

        @return: the nickname as it would be shown.
        @raise Unlawful: @raise NickOwned: @raise Banned: @raise LockedDown: and what a plugin raises.
        """

    async def make_account(self, nick: str, password: str) -> str:
        """
        Make an account before registration. It is proved by that: L{arrive} may follow, or nothing. All that holds for
        a guest who takes the nickname, and for C{signup}, holds here. No event is sent, and when this is over, nobody
        has the nickname. If the connection is gone before the account is kept, there is none.

        @return: the name of the account.
        @raise Unlawful: of the nickname (see L{check_nick}) or the password. @raise NickTaken: @raise NickOwned:
        @raise Banned: @raise LockedDown: @raise Throttled: @raise Busy: @raise NotAllowed: the connection has a
            nickname.
        """

    async def prove_certificate(self, name: str = "") -> str:
        """
        As L{prove}, by the TLS certificate that the client has presented.

        @param name: of the account that it is for; C{""}: of whichever has the certificate.
        @return: the name of the account, as its owner writes it.
        @raise WrongPassword: no account has it, or another one. @raise Throttled: too many had none.
        @raise NotFound: the client has presented none. @raise Banned: @raise AccountDisabled:
        """

    async def arrive(self, keep: bool = False, lobby: bool = True) -> Login:
        """
        Log in to the account that was proved last. One proof is good for one arrival on this connection. A guest stays
        in the rooms they are in. Who is logged in to another account is logged out of that one first: see C{logout}.

        @param keep: see C{login}. @param lobby: see C{register}. A person who is here already by another connection
            stays in the rooms they are in.
        @raise WrongPassword: nothing was proved, or the password is another by now, or the certificate is the account's
            no more. @raise Banned:
        @raise AccountDisabled: @raise NotAllowed: logged in to this account already, or nothing was proved.
        """

    def check_may_talk(self, room: str | None = None) -> str:
        """
        Whether this person may talk in a room now; C{None}: to one person. For what a door alone passes on.

        @return: the room's name.
        @raise NotRegistered: @raise NotInRoom: @raise Muted: @raise TooSoon:
        """

    def mark_read(self, room: str, seq: int) -> None:
        """
        This account has read a room up to this number, which is where L{missed} begins. It is kept a few seconds later,
        with what is marked until then, and holds over the departure.

        @raise NeedsAccount: @raise NotInRoom:
        """

    async def read_until(self, room: str) -> float:
        """
        When that was said up to which this account has read a room: seconds since 1970; 0.0 where it is not known.

        @raise NeedsAccount: @raise NotInRoom:
        """

    def state(self) -> CallerSnapshot:
        """All that C{IServer.enter_again} needs in another process. Nothing that was asked for is under way."""

    def gone(self, reason: str) -> None:
        """
        The connection is lost or closed. The rooms read it, unless the same person is still here through
        another connection. Called once by the door; never raises.
        """

    async def departed(self, nick: str) -> None:
        """
        Return when everyone has read that this person left, if that is under way. A door may wait for it before it
        closes the connection.
        """

    async def barrier(self, everybody: bool = False) -> None:
        """
        Return when all that this connection has wished before is kept and told, or is lost and that was said: who is
        answered now finds what they wrote, even if the power fails in the next moment. Nobody else waits for it.

        @param everybody: wait for what other connections of this node have wished before as well, for a few seconds at
            most.
        """

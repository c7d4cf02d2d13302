"""
What a backend promises: to keep what happens, in order, and to tell every node of it.

It knows events and records; rules are the core's. It is one interface, held by one suite of tests
(C{tests/backends/contract.py}), and long because it holds every promise's details.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zope.interface import Interface

from chatroom.events import Event, RoomEvent, ServerRole
from chatroom.interfaces.server import IListener
from chatroom.interfaces.values import Soundness
from chatroom.records import PAGE, Account, AuditEntry, Certificate, Found, Mail, StartState, Token


class IBackend(Interface):
    """
    Keeps what was said, puts it in order, and carries it to every node. One object per node.

    Every method is called in the reactor thread, never blocks it (C{start} may: nobody is served yet), and may
    raise L{chatroom.errors.NotKept}: then nothing of that call was kept. What returned is durable. Times of events
    are kept to the millisecond.
    """

    async def start(
        node: str,
        listener: IListener,
        present: Sequence[Event] = (),
        *,
        takes_over: bool = False,
        settings: str = "",
    ) -> StartState:
        """
        Take part. Events after the snapshot reach the listener, none before this returns.

        Where no other node is alive, nobody is on line and no nickname is claimed, but by a node that is taken over.

        @param node: a name no other node that is alive has, and none that is lost and not buried yet.
        @param present: with C{takes_over}, what L{present} gave. It holds on, is in the snapshot, and no listener is
            called for it. A backend that has kept who is on line itself knows better and reads none of it.
        @param takes_over: go on as this node, which another process has left by C{stop(handing_over=True)}. Its people
            are on line and its claims hold until L{claim_all}. A process that is this node still, such as a successor
            that failed, is evicted: see L{IListener.evicted}.
        @param settings: given to the nodes that start while this one is alive: see L{StartState}. A backend does not
            read it.
        @raise chatroom.errors.Refused: it cannot be used (in use, unwritable, of a newer version, or the node that it
            has to go on as is lost): a sentence.
        """

    async def present() -> Sequence[Event]:
        """
        What holds of the people who are on line through this node, for the C{start} by which another process takes
        over. Nothing, where the backend keeps that where the other process finds it.
        """

    def soundness() -> Soundness:
        """How it does. Asked often, so that it waits for nothing."""

    async def probe() -> None:
        """Whether something could be kept now. @raise chatroom.errors.NotKept: it could not."""

    async def stop(handing_over: bool = False) -> None:
        """
        Finish what is under way, give up all claims and leave. Idempotent. The burials that this node has not ended are
        another one's from now on.

        It may be started again where another process was to take its place and failed, before that process reported
        anything: what a newer version has made of the data meanwhile is undone, if it can be.

        @param handing_over: another process is about to go on as this node, by C{start(takes_over=True)}: its people
            stay on line and its nicknames stay claimed meanwhile. If none does, the node is lost after a while.
        @raise chatroom.errors.NotKept: with C{handing_over}: another process would not know what this one has told.
            This one may be started again, also after any other hand-over, and misses nothing.
        """

    async def keep(batch: Sequence[Event]) -> Sequence[bool]:
        """
        Keep a turn's events in one commit, in the order given.

        Recorded events are numbered; slots are set and cleared; audited ones are written into the audit log; every
        node's listener is called with all but those refused, this one's before this returns. Called again only after it
        has returned.

        @return: for each event, False if its C{only_if} did not hold: then it did not happen.
        """

    # Names.

    async def claim(key: str, holder: str) -> bool:
        """
        Hold a nickname for this node. Should the node be lost, the nickname is held until the node that buries it lets
        go of it by L{release_lost}.

        @param holder: the same holder may claim again, on this node or another, and then holds it so many
            times.
        @return: False if another holder has it.
        """

    async def release(key: str, holder: str) -> bool:
        """
        Give up one claim. Another holder's claim is left alone.

        @return: True if nobody holds the name any more.
        """

    async def claim_all(claims: Mapping[str, tuple[str, int]]) -> Sequence[str]:
        """
        Hold these nicknames for this node and no others: by key, the holder and how many times. What the process before
        held and is not among them is free. After a C{start} that took over.

        @return: keys that another holder has on another node. They are not held here.
        """

    async def release_lost(node: str, keys: Sequence[str] | None = None) -> None:
        """
        Give up what a lost node had claimed: the goodbyes of its people are kept. The node that learned of it by
        L{IListener.lost} calls this; done twice, it does no harm. Called by another node, it does nothing: a node
        of the same name may be lost once more by then, and another node says goodbye for its people.

        @param keys: of those whose goodbyes are kept. C{None}: all that is left. Then the burial has ended, and no
            node learns of the lost one again.
        """

    # Several nodes.

    def hasten() -> None:
        """
        Report now what has come from other nodes and waits because nobody read it: see L{IListener.has_readers}. Called
        when the first reader comes. At any other time it does no harm.
        """

    async def is_elected() -> bool:
        """Whether this node is the one that does now what has to be done once for all nodes, such as L{expire}."""

    # History.

    async def history(
        room: str, *, after: int | None, before: int | None, limit: int, talk: bool, size: int | None = None
    ) -> Sequence[RoomEvent]:
        """
        Recorded events of a room, oldest first: the first C{limit} after a number (and before another, if both are
        given), or the last C{limit} before one, or the last C{limit} of all. There may be some that the listener has
        not heard yet.

        @param talk: only L{chatroom.events.Said} and L{chatroom.events.Acted}.
        @param size: no more is read than what L{chatroom.records.fitting} lets onto a page of so many bytes, and one
            event beyond that, by which it is seen that there is more.
        """

    async def talk_count(room: str, after: int, before: int, most: int) -> int:
        """
        How much talk of a room stands between two numbers: as many events as C{history} would give of it.

        @param most: no more are counted; 1 or more.
        """

    async def number_at(room: str, at: float) -> int | None:
        """
        Where a moment stands in the history of a room, by binary search: the number of the first recorded event at or
        after it. Where the clock was set back, so that times do not grow with the numbers, it is the number of one that
        is at or after it while the one before is not.

        @param at: seconds since 1970. @return: C{None} where all that is kept happened before.
        """

    async def search(
        rooms: Sequence[str], words: Sequence[str], before: int | None, limit: int, size: int = PAGE
    ) -> Found:
        """
        Talk in these rooms that holds all the words, newest first. What a word is, L{chatroom.backends.words} says
        for every backend.

        @param before: C{next} of the page before.
        @param limit: lines on a page. @param size: bytes of one: see L{chatroom.records.fitting}.
        """

    async def expire(older_than: float | None, keep_talk: int | None, keep_others: int | None = None) -> int:
        """
        Forget history: all that happened before a time, and what is too much. Numbers are never given again.

        @param keep_talk: how many lines of talk each room keeps (L{chatroom.events.Said} and L{chatroom.events.Acted}).
            What else happened before the first of them goes as well, so that talk has no hole.
        @param keep_others: how many of its other events, such as joins. Those never cost a line of talk.
        @return: how many events were forgotten.
        """

    async def shrink() -> int | None:
        """
        Give back all space that what was forgotten has left. It may take its time; what is said meanwhile waits for
        none of it. Some of it is done without being asked for.

        @return: how many bytes; C{None}: that cannot be done while the backend runs.
        """

    # Accounts.

    async def add_account(account: Account) -> bool:
        """@return: False if there is one of that key."""

    async def account(key: str) -> Account | None:
        """The account of this key."""

    async def change_account(
        key: str,
        *,
        name: str | None = None,
        password: str | None = None,
        ignored: Sequence[str] | None = None,
        zone: str | None = None,
        bot: bool | None = None,
        instead_of: str | None = None,
    ) -> bool:
        """
        Change what is given of an account, and leave the rest as it is, even if another caller changes that meanwhile.

        @param password: a hash. @param bot: see L{Account}.
        @param instead_of: the hash that it has now, or else nothing is changed.
        @return: False where nothing was changed: there is no such account, or its hash is another.
        """

    async def set_disabled(key: str, disabled: bool, entry: AuditEntry) -> bool:
        """
        Disable an account, or enable it again, and write the entry into the audit log in the same commit. If that is
        how it is, nothing is done.

        @return: whether it was otherwise.
        @raise LookupError: there is no such account.
        """

    async def staff() -> Sequence[Account]:
        """All accounts that have a role on the server, highest first, then by key."""

    async def set_server_role(key: str, role: ServerRole, entry: AuditEntry) -> ServerRole:
        """
        Give an account a role, and write the entry into the audit log in the same commit.

        The role is kept here and nowhere else. A server reads it when its owner logs in and again at each use of
        a command for staff, so that one that was set by another process, such as C{chatroom-admin} beside a running
        daemon, counts at once without anybody telling the server. One that sets it itself tells the other nodes by
        L{chatroom.events.StaffSet}.

        @return: the role before.
        @raise LookupError: there is no such account.
        @raise chatroom.errors.NotAllowed: it is the last admin who can log in: there has to be one, once there was.
        """

    # The audit log.

    async def audit(entry: AuditEntry) -> None:
        """Write down an act that is no event. Its id is given here."""

    async def audit_log(who: str | None, before: int | None, limit: int) -> Sequence[AuditEntry]:
        """
        Entries, oldest first: the last C{limit}, or those before an id.

        @param who: only where this is C{who} or C{target}, in any letter case. L{SHELL<chatroom.records.SHELL>} is
            every user of the machine.
        """

    async def expire_audit(older_than: float) -> int:
        """
        Forget entries of before this time.

        @return: how many.
        """

    async def accounts(after: str, limit: int) -> Sequence[Account]:
        """The first C{limit} accounts whose key is greater than C{after}, by key."""

    async def drop_account(key: str) -> bool:
        """
        Take an account away forever, with its sessions, its certificates, its inbox and its read markers.

        @return: False if there was none; what else there was under that key is gone all the same.
        """

    # Everything of one person, for those who ask for it, or for nothing of it to be left.

    async def lines(key: str, since: float, after: int, limit: int) -> Found:
        """
        What somebody said in rooms that are open, oldest first, some at a time: at most C{limit} lines.

        @param key: their name, folded. @param since: nothing from before this time.
        @param after: 0, or C{next} of the page before.
        """

    async def erase(key: str, keep_text: bool) -> int:
        """
        Take a name out of the history of every room and out of all facts that name it, and what it said with it: see
        L{chatroom.erasure}. Whispers it left in inboxes are taken out of them, and the C{detail} out of the
        entries of the audit log that name it. Numbers stay as they are.
        What was there is overwritten where it is kept. It may take its time; what is said meanwhile waits for none of
        it. Done twice, it does no harm.

        @param key: the name, folded. Nobody may be on line by it.
        @param keep_text: leave what was said, under nobody's name.
        @return: how many lines there were.
        """

    async def add_token(token: Token, keep: int) -> Sequence[Token]:
        """
        Add a session, or change the one of this digest: to keep it.

        @param keep: how many of the account may live of each L{sort<chatroom.records.Token.sort>}, 1 or more; of those
            of this one's sort, the least lately used beyond that are dropped, and never this one.
        @return: those dropped.
        """

    async def token(digest: str) -> Token | None:
        """The session of this digest, expired or not."""

    async def use_token(digest: str, used: float, expires: float) -> None:
        """Note a use. A session that is gone stays gone."""

    async def shorten_tokens(digests: Sequence[str] | None, expires: float) -> None:
        """
        Let sessions that are not C{kept} expire at this time: these, or C{None}: all that would expire later.
        """

    async def tokens(account: str) -> Sequence[Token]:
        """Sessions of an account, latest use first."""

    async def drop_tokens(digests: Sequence[str]) -> int:
        """@return: how many there were."""

    # Certificates.

    async def add_certificate(certificate: Certificate, most: int) -> bool:
        """
        Let a TLS certificate log in to an account. One that the account has already stays as it is.

        @param most: how many an account may have.
        @return: whether the account has it now; False: another account has it, or there is no such account.
        @raise chatroom.errors.LimitReached: the account has so many already.
        """

    async def certificate(fingerprint: str) -> Certificate | None:
        """The certificate of this fingerprint, if an account has it."""

    async def certificates(account: str) -> Sequence[Certificate]:
        """Those of an account, oldest first."""

    async def use_certificate(fingerprint: str, used: float) -> None:
        """Note a login. A certificate that is gone stays gone."""

    async def drop_certificates(account: str, fingerprints: Sequence[str]) -> int:
        """
        Let these log in to the account no more. Those of other accounts stay.

        @return: how many there were.
        """

    # Inbox.

    async def post(mail: Mail, room: int) -> int:
        """
        Put a whisper into the inbox of the account whose key is C{mail.to}; its id is given here.

        @param room: how many unread ones it may hold.
        @return: how many unread ones there are now.
        @raise chatroom.errors.LimitReached: it is full.
        """

    async def waiting(account: str) -> int:
        """How many unread whispers there are."""

    async def take_mail(account: str, limit: int, size: int = PAGE) -> Sequence[Mail]:
        """
        The oldest unread whispers, oldest first, marked as read in the same commit.

        @param limit: lines on a page. @param size: bytes of one: see L{chatroom.records.fitting}.
        """

    async def letters(account: str, after: int, limit: int) -> Sequence[Mail]:
        """Whispers in the inbox, read or not, oldest first: the first C{limit} after an id. None of them is marked."""

    async def read_mail(account: str, before: int | None, limit: int) -> Sequence[Mail]:
        """Whispers already read, oldest first: the last C{limit}, or those before an id."""

    # Where one stopped reading.

    async def mark(account: str, marks: Mapping[str, int]) -> None:
        """Note the last sequence number read in each room; never moves back."""

    async def marks(account: str) -> Mapping[str, int]:
        """The last sequence numbers read, by room."""

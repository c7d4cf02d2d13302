"""
The backend of one server of several daemons: each is a node, and all stand on one PostgreSQL.

It knows which work is done on which connection, and nothing of SQL. It is long because a backend promises much; most
methods only say which connection does the work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import psycopg
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from chatroom.backends import refusals
from chatroom.backends.address import shown
from chatroom.backends.postgres import certificates, entering, erase, forgetting, people, search, server, staff
from chatroom.backends.postgres import mail as inbox
from chatroom.backends.postgres import node as nodes
from chatroom.backends.postgres import talk as rooms
from chatroom.backends.postgres.chores import Chores, is_elected
from chatroom.backends.postgres.driver import Driver, ThreadDriver
from chatroom.backends.postgres.errors import Evicted
from chatroom.backends.postgres.lease import LEASE, Lease
from chatroom.backends.postgres.link import DatabaseLink
from chatroom.backends.postgres.links import Links
from chatroom.backends.postgres.names import HeldNames
from chatroom.backends.postgres.reactor import driver_of
from chatroom.backends.postgres.reader import LogReader
from chatroom.backends.postgres.schema import steps as all_steps
from chatroom.backends.postgres.server import conninfo_of
from chatroom.backends.postgres.turn import DID_NOT_HAPPEN, body_of, numbered
from chatroom.backends.postgres.writer import LogWriter
from chatroom.backends.words import SearchTerms
from chatroom.backends.worker import OneThread, Worker
from chatroom.errors import NotKept, Refused
from chatroom.events import KINDS_VERSION, Event, RoomEvent, ServerRole
from chatroom.interfaces import IBackend, IListener, Soundness
from chatroom.records import PAGE, Account, AuditEntry, Certificate, Found, Mail, StartState, Token

PATIENCE = 30.0
"""Seconds, where none are given."""


class Membership:
    """
    What a node has while it takes part.

    @ivar evicted: it was buried.
    """

    def __init__(
        self, links: Links, clock: IReactorTime, place: nodes.NodePlace, listener: IListener, patience: float
    ) -> None:
        self.epoch = place.epoch
        self.writer = LogWriter(links.write, clock, place.epoch, patience)
        self.reader = LogReader(links.wake, clock, place.epoch, place.pos, listener)
        self.names = HeldNames(links.side, clock, place.epoch)
        self.chores = Chores(links.tidy, clock)
        self.evicted = False


@implementer(IBackend)
class PostgresBackend:
    """
    One node on one PostgreSQL. All nodes on the same database are one server.

    What has no letter, digit or symbol in it, such as C{:-)}, is searched for in the last 100,000 lines only.
    """

    def __init__(
        self,
        url: str,
        reactor: Any,
        now: Callable[[], float],
        *,
        worker: Callable[[str], Worker] | None = None,
        steps: Sequence[str] | None = None,
        lease: float = LEASE,
        patience: float = PATIENCE,
    ) -> None:
        """
        @param url: C{postgresql://...}, as libpq understands it, without a password.
        @param reactor: also drives the connections, where it can watch sockets.
        @param now: seconds since 1970, of the wall clock.
        @param worker: by a name, what stands for a thread, where the reactor is not to drive them.
        @param steps: the schema, where it is not the one in schema/.
        @param lease: seconds without a beat after which the other nodes may bury this one.
        @param patience: seconds for which a turn that was never sent waits for a database that does not answer.
        @raise Refused: it is no such URL, or holds a password.
        """
        self._url = url
        self._reactor = reactor
        self._clock = IReactorTime(reactor)
        self._now = now
        self._worker = worker
        self._length = lease
        self._patience = patience
        self._steps = all_steps() if steps is None else steps
        self._links: Links | None = None
        self._member: Membership | None = None
        self._keeping = False
        self._told: int | None = None  # the last turn told before another process was to go on as this node
        conninfo_of(url, "")

    # Life.

    async def start(
        self,
        node: str,
        listener: IListener,
        present: Sequence[Event] = (),
        *,
        takes_over: bool = False,
        settings: str = "",
    ) -> StartState:
        """Who is on line stands in the database, also while a process takes another one's place."""
        links = Links(self._driver, conninfo_of(self._url, node), self._clock)
        try:
            await entering.check(links, self._url, self._steps, self._clock)
            epoch = await entering.sign_of_life(links.lease)
            begins = partial(entering.enter, name=node, settings=settings, lease=self._length, takes_over=takes_over)
            place, state = await links.write.once(partial(begins, epoch=epoch, told=self._told))
        except psycopg.Error as error:
            await links.close()
            server.check_is_direct(self._url, error.sqlstate not in server.MIXED_UP)
            raise Refused(f"The database {shown(self._url)} cannot be used: {entering.why(error)}.") from error
        except BaseException:
            await links.close()
            raise
        self._listener = listener
        self._node = node
        self._links, self._told = links, None
        self._member = member = Membership(links, self._clock, place, listener, self._patience)
        of_node = links.lease, member.reader, self._clock, self._now, place.epoch
        kinds = 1 if place.others else KINDS_VERSION  # the first beat knows better
        self._lease = Lease(*of_node, listener, self._evicted, self._length, place.lost, kinds)
        return state

    def _driver(self, name: str) -> Driver:
        if self._worker is not None:
            return ThreadDriver(self._worker(name))
        return driver_of(self._reactor, lambda: OneThread(self._reactor, name))

    async def probe(self) -> None:
        await self._write().lease.do(rooms.barrier)

    def soundness(self) -> Soundness:
        if self._links is None or self._member is None:
            return Soundness()
        waiting = max(self._links.write.age(), self._links.read.age())
        trouble = "" if not self._member.evicted else "the other servers have said goodbye for this one"
        unindexed = self._member.chores.unindexed
        pulse, writer = self._lease.pulse, self._member.writer
        return Soundness(
            trouble,
            waiting,
            unindexed,
            ahead=self._lease.ahead,
            nodes=pulse.nodes,
            kinds=pulse.kinds,
            lease=self._lease.left(),
            behind=max(0, pulse.pos - self._member.reader.pos),
            locked=pulse.waiting,
            reconnects=sum(link.reconnects - 1 for link in self._links.all if link.reconnects),
            turns=writer.turns,
            turn_seconds=writer.seconds,
        )

    async def present(self) -> Sequence[Event]:
        return ()

    async def stop(self, handing_over: bool = False) -> None:
        if self._links is None or self._member is None:
            return
        links, member, self._links, self._member = self._links, self._member, None, None
        left = True
        self._lease.stop()
        member.chores.stop()
        member.names.stop()
        if not member.evicted:
            with suppress(NotKept):  # then the others find that it is gone
                await member.reader.catch_up()
            member.reader.stop()  # what comes from now on, the process that takes over tells
            self._told = member.reader.pos if handing_over else None
            left = await self._leave(links.lease, member, handing_over) or await self._leave(
                links.lease, member, handing_over
            )
        member.reader.stop()
        await links.close()
        if handing_over and not left:
            raise refusals.away()

    async def _leave(self, link: DatabaseLink, member: Membership, handing_over: bool) -> bool:
        """Whether the other nodes know it now. Done twice, it does no harm."""
        try:
            await link.do(nodes.leave, member.epoch, member.reader.pos, handing_over)
        except NotKept:
            return False
        return True

    def _evicted(self) -> None:
        """Another node has buried this one, which was away for too long."""
        member = self._member
        if member is not None and not member.evicted:
            member.evicted = True
            member.chores.stop()
            member.names.stop()
            member.reader.stop()
            self._lease.stop()
            self._listener.evicted(refusals.EVICTED)

    def _open(self) -> Links:
        if self._links is None:
            raise refusals.closing()
        return self._links

    def _write(self) -> Links:
        if self._member is not None and self._member.evicted:
            raise refusals.evicted()
        return self._open()

    def _taking_part(self) -> Membership:
        self._write()
        assert self._member is not None
        return self._member

    # Events.

    async def keep(self, batch: Sequence[Event]) -> Sequence[bool]:
        member = self._taking_part()
        if self._keeping:
            raise RuntimeError("keep was called again before it returned")
        if not batch:
            return []
        self._keeping = True
        try:
            pos, seqs = await member.writer.keep(*body_of(batch))
            happened = numbered(batch, seqs)
            await member.reader.tell(pos, happened)
        except Evicted:
            self._evicted()
            raise refusals.evicted() from None
        finally:
            self._keeping = False
        return [seq != DID_NOT_HAPPEN for seq in seqs]

    # Names.

    async def claim(self, key: str, holder: str) -> bool:
        return await self._taking_part().names.claim(key, holder)

    async def release(self, key: str, holder: str) -> bool:
        return await self._taking_part().names.release(key, holder)

    async def claim_all(self, claims: Mapping[str, tuple[str, int]]) -> Sequence[str]:
        return await self._taking_part().names.claim_all(claims)

    async def release_lost(self, node: str, keys: Sequence[str] | None = None) -> None:
        me, side = self._taking_part().epoch, self._write().side
        if keys is None:
            await side.do(nodes.end_burial, me, node)
        else:
            await side.do(nodes.free, me, node, keys)

    def hasten(self) -> None:
        if self._member is not None:
            self._member.reader.hasten()

    async def is_elected(self) -> bool:
        return await self._open().tidy.do(is_elected)

    # History.

    async def history(
        self, room: str, *, after: int | None, before: int | None, limit: int, talk: bool, size: int | None = None
    ) -> Sequence[RoomEvent]:
        return await self._open().read.do(rooms.history, room, after, before, limit, talk, size)

    async def talk_count(self, room: str, after: int, before: int, most: int) -> int:
        return await self._open().read.do(rooms.talk_count, room, after, before, most)

    async def number_at(self, room: str, at: float) -> int | None:
        return await self._open().read.do(rooms.number_at, room, at)

    async def search(
        self, rooms: Sequence[str], words: Sequence[str], before: int | None, limit: int, size: int = PAGE
    ) -> Found:
        scan = self._open().scan
        while await scan.do(search.index):
            pass
        return await scan.do(search.search, rooms, SearchTerms(words), before, limit, size)

    async def expire(self, older_than: float | None, keep_talk: int | None, keep_others: int | None = None) -> int:
        return await forgetting.expire(self._write().tidy, older_than, keep_talk, keep_others)

    async def shrink(self) -> int | None:
        return await self._write().tidy.do(forgetting.shrink)

    # Accounts.

    async def add_account(self, account: Account) -> bool:
        return await self._write().side.do(people.add_account, account)

    async def account(self, key: str) -> Account | None:
        return await self._open().side.do(people.account, key)

    async def change_account(
        self,
        key: str,
        *,
        name: str | None = None,
        password: str | None = None,
        ignored: Sequence[str] | None = None,
        zone: str | None = None,
        bot: bool | None = None,
        instead_of: str | None = None,
    ) -> bool:
        values = name, password, ignored, zone, bot, instead_of
        return await self._write().side.do(people.change_account, key, *values)

    async def accounts(self, after: str, limit: int) -> Sequence[Account]:
        return await self._open().side.do(people.accounts, after, limit)

    async def drop_account(self, key: str) -> bool:
        return await self._write().side.do(people.drop_account, key)

    async def lines(self, key: str, since: float, after: int, limit: int) -> Found:
        return await self._open().scan.do(erase.lines, key, since, after, limit)

    async def erase(self, key: str, keep_text: bool) -> int:
        return await forgetting.erase(self._write().tidy, key, keep_text)

    async def staff(self) -> Sequence[Account]:
        return await self._open().side.do(staff.staff)

    async def set_disabled(self, key: str, disabled: bool, entry: AuditEntry) -> bool:
        return await self._write().side.do(staff.set_disabled, key, disabled, entry)

    async def set_server_role(self, key: str, role: ServerRole, entry: AuditEntry) -> ServerRole:
        return await self._write().side.do(staff.set_server_role, key, role, entry)

    # The audit log.

    async def audit(self, entry: AuditEntry) -> None:
        await self._write().side.do(staff.audit, entry)

    async def audit_log(self, who: str | None, before: int | None, limit: int) -> Sequence[AuditEntry]:
        return await self._open().read.do(staff.audit_log, who, before, limit)

    async def expire_audit(self, older_than: float) -> int:
        forgotten = 0
        while piece := await self._write().tidy.do(staff.expire_audit, older_than):
            forgotten += piece
        return forgotten

    # Sessions.

    async def add_token(self, token: Token, keep: int) -> Sequence[Token]:
        return await self._write().side.do(people.add_token, token, keep)

    async def token(self, digest: str) -> Token | None:
        return await self._open().side.do(people.token, digest)

    async def use_token(self, digest: str, used: float, expires: float) -> None:
        await self._write().side.do(people.use_token, digest, used, expires)

    async def shorten_tokens(self, digests: Sequence[str] | None, expires: float) -> None:
        await self._write().side.do(people.shorten_tokens, digests, expires)

    async def tokens(self, account: str) -> Sequence[Token]:
        return await self._open().side.do(people.tokens, account)

    async def drop_tokens(self, digests: Sequence[str]) -> int:
        return await self._write().side.do(people.drop_tokens, digests)

    # Certificates.

    async def add_certificate(self, certificate: Certificate, most: int) -> bool:
        return await self._write().side.do(certificates.add_certificate, certificate, most)

    async def certificate(self, fingerprint: str) -> Certificate | None:
        return await self._open().side.do(certificates.certificate_of, fingerprint)

    async def certificates(self, account: str) -> Sequence[Certificate]:
        return await self._open().side.do(certificates.certificates, account)

    async def use_certificate(self, fingerprint: str, used: float) -> None:
        await self._write().side.do(certificates.use_certificate, fingerprint, used)

    async def drop_certificates(self, account: str, fingerprints: Sequence[str]) -> int:
        return await self._write().side.do(certificates.drop_certificates, account, fingerprints)

    # Inbox.

    async def post(self, mail: Mail, room: int) -> int:
        return await self._write().side.do(inbox.post, mail, room)

    async def waiting(self, account: str) -> int:
        return await self._open().side.do(inbox.waiting, account)

    async def take_mail(self, account: str, limit: int, size: int = PAGE) -> Sequence[Mail]:
        return await self._write().side.do(inbox.take_mail, account, limit, size)

    async def letters(self, account: str, after: int, limit: int) -> Sequence[Mail]:
        return await self._open().read.do(inbox.letters, account, after, limit)

    async def read_mail(self, account: str, before: int | None, limit: int) -> Sequence[Mail]:
        return await self._open().read.do(inbox.read_mail, account, before, limit)

    # Where one stopped reading.

    async def mark(self, account: str, marks: Mapping[str, int]) -> None:
        await self._write().side.do(people.mark, account, marks)

    async def marks(self, account: str) -> Mapping[str, int]:
        return await self._open().side.do(people.marks, account)

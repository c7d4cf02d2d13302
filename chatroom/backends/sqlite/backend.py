"""
The embedded backend: one daemon, one SQLite file, nothing to install.

What happens is decided here, in the reactor's thread, and written down in a thread of its own, a batch in one commit;
two more threads read, one of them only for searches. It knows which work is done where, and nothing of SQL or of
how the file is made. It is long because a backend promises much; most methods only say which thread does the work.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from twisted.internet.interfaces import IReactorFromThreads, IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from chatroom.backends import refusals
from chatroom.backends.ledger import Ledger
from chatroom.backends.recent import LINES, Recent
from chatroom.backends.sqlite import certificates as sqlite_certificates
from chatroom.backends.sqlite import erase as sqlite_erase
from chatroom.backends.sqlite import people as people
from chatroom.backends.sqlite import search as sqlite_search
from chatroom.backends.sqlite import staff as sqlite_staff
from chatroom.backends.sqlite import talk as sqlite_talk
from chatroom.backends.sqlite.erasing import drop, erase
from chatroom.backends.sqlite.file import DatabaseFile
from chatroom.backends.sqlite.ground import Ground
from chatroom.backends.sqlite.retention import can_shrink, forget, give_back, open_rooms, too_many, too_old
from chatroom.backends.sqlite.thread import Lane, probe
from chatroom.backends.sqlite.upkeep import Upkeep
from chatroom.backends.sqlite.watch import Watch, extent
from chatroom.backends.words import SearchTerms
from chatroom.backends.worker import OneThread, Worker
from chatroom.errors import Refused, with_full_stop
from chatroom.events import Event, RoomEvent, ServerRole
from chatroom.interfaces import IBackend, IListener, Soundness
from chatroom.records import PAGE, Account, AuditEntry, Certificate, Found, Mail, StartState, Token, fitting

log = Logger()

CLOSE_TIME = 5.0
"""Seconds that the database may take to be closed."""


class Lanes:
    """
    Where the database is used, from start to stop.

    @ivar write: for all that is written, so that it has one order. @ivar read: for what is read.
    @ivar scan: for searches, which may take long. @ivar tidy: for what nobody waits for.
    """

    def __init__(
        self,
        file: DatabaseFile,
        watch: Watch,
        worker: Callable[[str], Worker],
        seconds: Callable[[], float],
    ) -> None:
        """
        @param watch: over what is written.
        @param seconds: the clock by which work that can wait is cut.
        @raise sqlite3.Error: the file cannot be opened.
        """
        made = [file.connect(read_only=read_only) for read_only in (False, True, True, False)]
        self.write = Lane(worker("chatroom-write"), made[0], refusals.broken_disk, seconds, watch.missing)
        self.read = Lane(worker("chatroom-read"), made[1], refusals.unreadable, seconds)
        self.scan = Lane(worker("chatroom-scan"), made[2], refusals.unreadable, seconds)
        self.tidy = Lane(worker("chatroom-tidy"), made[3], refusals.broken_disk, seconds)

    async def close(self, clock: IReactorTime) -> None:
        """Finish what is under way, but for searches, and let the threads end. A disk that hangs is not waited for."""
        self.scan.interrupt()
        self.tidy.interrupt()
        end = clock.seconds() + CLOSE_TIME
        for lane in (self.scan, self.tidy, self.read, self.write):  # the last one copies the log into the database
            if not await lane.close(clock, max(0.0, end - clock.seconds())):
                log.error(
                    "The database does not answer and is left as it is. No data is lost: its log is read at the next "
                    "start."
                )


@implementer(IBackend)
class SQLiteBackend:
    """
    One node on one database file. It keeps who is on line in memory alone: after a start, nobody is but those handed
    over to it.

    What has no letter, digit or symbol in it, such as C{:-)}, is searched for in the last 100,000 lines only.
    """

    def __init__(
        self,
        path: str | Path,
        reactor: IReactorTime,
        now: Callable[[], float],
        *,
        worker: Callable[[str], Worker] | None = None,
        steps: Sequence[str] | None = None,
        seconds: Callable[[], float] | None = None,
    ) -> None:
        """
        @param path: of the database file. Its folder is made if there is none.
        @param now: seconds since 1970, of the wall clock.
        @param worker: by a name, something that stands for a thread; tests have no threads.
        @param steps: the schema, where it is not the one in schema/.
        @param seconds: a clock that never goes back, by which work that can wait is cut; else the reactor's.
        """
        self._file = DatabaseFile(Path(path), steps)
        self._clock = reactor
        self._now = now
        self._seconds = seconds or reactor.seconds
        self._worker = worker or partial(OneThread, IReactorFromThreads(reactor))
        self._lanes: Lanes | None = None
        self._ledger = Ledger()
        self._recent = Recent(self._last_talk)
        self._owned: set[str] = set()  # keys of all accounts, and perhaps some more: most who come in have none
        self._staff: Sequence[Account] | None = None  # as it was read last, if nothing of it has changed since
        self._changes = 0
        self._claims: dict[str, tuple[str, int]] = {}
        self._keeping = False
        self._node = ""

    # Life.

    def prepare(self) -> None:
        """
        Make or upgrade the file and let go of it again, so that one knows before a fork.

        @raise Refused: it cannot be used.
        """
        self._file.open(self._now())
        self._file.close()

    async def start(
        self,
        node: str,
        listener: IListener,
        present: Sequence[Event] = (),
        *,
        takes_over: bool = False,
        settings: str = "",
    ) -> StartState:
        """
        Done in the caller's thread, however long an upgrade takes: nobody is served yet. Not before a fork. There is no
        other node: the file is locked.
        """
        self._file.open(self._now())
        try:
            snapshot, backlog = self._load()
            lanes = self._enter()
        except (sqlite3.Error, OSError) as error:
            self._file.close()
            raise Refused(f"The database {self._file.path} cannot be read: {with_full_stop(error)}") from error
        self._node, self._listener = node, listener
        self._lanes = lanes
        self._upkeep = Upkeep(lanes.write, self._clock, backlog)
        self._ledger.adopt(present)
        return replace(snapshot, events=(*snapshot.events, *present))

    def _enter(self) -> Lanes:
        """@raise sqlite3.Error: @raise OSError: the file cannot be opened."""
        held = self._file.connect()  # so that there is a log
        try:
            held.execute("SELECT count(*) FROM sqlite_master").fetchone()
            path = self._file.path
            ground = Ground([path, path.with_name(f"{path.name}-wal")])
            self._watch = Watch(self._file, self._now, self._clock, ground)
            lanes = Lanes(self._file, self._watch, self._worker, self._seconds)
        finally:
            held.close()
        lanes.write.troubled, lanes.write.used = self._watch.look, self._watch.written
        self._watch.begin(lanes.write, lanes.tidy)
        return lanes

    def _load(self) -> tuple[StartState, int]:
        connection = self._file.connect(read_only=True)
        try:
            rooms, snapshot = sqlite_talk.read_snapshot(connection)
            self._owned = people.account_keys(connection)
            backlog = sqlite_search.backlog(connection)
        finally:
            connection.close()
        self._ledger = Ledger()
        for room in rooms:
            self._ledger.load(room)
        return snapshot, backlog

    async def probe(self) -> None:
        await self._write.do(probe)

    def soundness(self) -> Soundness:
        if self._lanes is None:
            return Soundness()
        waiting = max(self._lanes.write.age(), self._lanes.read.age())
        watch = self._watch
        return Soundness(watch.trouble, waiting, self._upkeep.unindexed, watch.free, watch.length, watch.unused)

    async def present(self) -> Sequence[Event]:
        return self._ledger.presence(self._node)

    async def stop(self, handing_over: bool = False) -> None:
        if self._lanes is not None:
            lanes, self._lanes = self._lanes, None
            self._claims.clear()
            self._recent.clear()
            self._changed()
            self._upkeep.stop()
            await self._watch.save()
            self._watch.stop()
            await lanes.close(self._clock)
            self._watch.closed()
            self._file.leave()

    @property
    def _write(self) -> Lane:
        return self._open().write

    @property
    def _read(self) -> Lane:
        return self._open().read

    def _open(self) -> Lanes:
        if self._lanes is None:
            raise refusals.closing()
        return self._lanes

    # Events.

    async def keep(self, batch: Sequence[Event]) -> Sequence[bool]:
        write = self._write
        if self._keeping:
            raise RuntimeError("keep was called again before it returned")
        draft = self._ledger.draft(batch)
        if draft.durable():
            self._keeping = True
            try:
                said = await write.do(sqlite_talk.keep, draft)
            except BaseException:
                draft.take_back()
                raise
            finally:
                self._keeping = False
            self._recent.add(draft.recorded)
            self._upkeep.kept(said, closed=any(not there for _, there in draft.rooms))
        if draft.events:
            self._listener.heard(draft.events)
        return draft.happened

    # Names: there is no other node that could hold one.

    async def claim(self, key: str, holder: str) -> bool:
        self._open()
        claimed, times = self._claims.get(key, (holder, 0))
        if claimed != holder:
            return False
        self._claims[key] = (holder, times + 1)
        return True

    async def release(self, key: str, holder: str) -> bool:
        self._open()
        claimed, times = self._claims.get(key, ("", 0))
        if times and claimed == holder:
            self._claims[key] = (holder, times - 1)
            if times == 1:
                del self._claims[key]
        return key not in self._claims

    async def claim_all(self, claims: Mapping[str, tuple[str, int]]) -> Sequence[str]:
        self._open()
        self._claims = dict(claims)
        return ()

    async def release_lost(self, node: str, keys: Sequence[str] | None = None) -> None:
        self._open()

    def hasten(self) -> None:
        """There is no other node."""

    async def is_elected(self) -> bool:
        return True

    # History.

    async def history(
        self, room: str, *, after: int | None, before: int | None, limit: int, talk: bool, size: int | None = None
    ) -> Sequence[RoomEvent]:
        there = self._ledger.rooms.get(room)
        if talk and after is None and there is not None and 0 < limit <= LINES:  # as for all who come in
            recent = await self._recent.before(there, before, limit)
            if recent is not None:
                return recent if size is None else recent[-1 - fitting(reversed(recent), sys.maxsize, size) :]
        return await self._read.do(sqlite_talk.history, room, after, before, limit, talk, size)

    async def talk_count(self, room: str, after: int, before: int, most: int) -> int:
        return await self._read.do(sqlite_talk.talk_count, room, after, before, most)

    async def number_at(self, room: str, at: float) -> int | None:
        return await self._read.do(sqlite_talk.number_at, room, at)

    async def _last_talk(self, room: str, limit: int) -> Sequence[RoomEvent]:
        return await self._read.do(sqlite_talk.history, room, None, None, limit, True)

    async def search(
        self, rooms: Sequence[str], words: Sequence[str], before: int | None, limit: int, size: int = PAGE
    ) -> Found:
        scan = self._open().scan
        await self._upkeep.catch_up()
        return await scan.do(sqlite_search.search, rooms, SearchTerms(words), before, limit, size)

    async def expire(self, older_than: float | None, keep_talk: int | None, keep_others: int | None = None) -> int:
        forgotten = 0
        for room in await self._write.do(open_rooms):
            many = await self._open().scan.do(too_many, room, keep_talk, keep_others)
            while cut := await self._open().scan.do(too_old, room, older_than, many):
                gone = 0
                while piece := await self._write.slice(forget, room, cut):
                    gone += piece
                    self._recent.clear()
                many = None
                forgotten += gone
                if not gone:
                    break
        if forgotten:
            self._upkeep.forgot()
        return forgotten

    async def shrink(self) -> int | None:
        lanes = self._open()
        before, unused = await lanes.tidy.do(extent)
        if unused and not await lanes.write.do(can_shrink):
            return None
        while await lanes.write.slice(give_back, 0.0):
            pass
        after, _ = await lanes.tidy.do(extent)
        return before - after

    # Accounts.

    async def add_account(self, account: Account) -> bool:
        self._owned.add(account.key)
        return await self._write.do(people.add_account, account)

    async def account(self, key: str) -> Account | None:
        self._open()
        if key not in self._owned:
            return None
        return await self._read.do(people.account, key)

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
        try:
            return await self._write.do(people.change_account, key, name, password, ignored, zone, bot, instead_of)
        finally:
            self._changed()

    async def accounts(self, after: str, limit: int) -> Sequence[Account]:
        return await self._read.do(people.accounts, after, limit)

    async def drop_account(self, key: str) -> bool:
        try:
            return await drop(self._write, key)
        finally:
            self._changed()

    async def lines(self, key: str, since: float, after: int, limit: int) -> Found:
        return await self._open().scan.do(sqlite_erase.lines, key, since, after, limit)

    async def erase(self, key: str, keep_text: bool) -> int:
        try:
            lanes = self._open()
            return await erase(lanes.write, lanes.read, lanes.tidy, self._ledger, self._clock, key, keep_text)
        finally:
            self._recent.clear()
            self._upkeep.forgot()
            self._changed()

    async def staff(self) -> Sequence[Account]:
        self._open()
        if self._staff is not None:  # whoever comes in is compared with them
            return self._staff
        changes = self._changes
        found = tuple(await self._read.do(sqlite_staff.staff))
        if changes == self._changes:
            self._staff = found
        return found

    def _changed(self) -> None:
        """An account has changed, perhaps one of the staff: what was read before that is old."""
        self._staff = None
        self._changes += 1

    async def set_disabled(self, key: str, disabled: bool, entry: AuditEntry) -> bool:
        try:
            return await self._write.do(sqlite_staff.set_disabled, key, disabled, entry)
        finally:
            self._changed()

    async def set_server_role(self, key: str, role: ServerRole, entry: AuditEntry) -> ServerRole:
        try:
            return await self._write.do(sqlite_staff.set_server_role, key, role, entry)
        finally:
            self._changed()

    # The audit log.

    async def audit(self, entry: AuditEntry) -> None:
        await self._write.do(sqlite_staff.audit, entry)

    async def audit_log(self, who: str | None, before: int | None, limit: int) -> Sequence[AuditEntry]:
        return await self._read.do(sqlite_staff.audit_log, who, before, limit)

    async def expire_audit(self, older_than: float) -> int:
        forgotten = 0
        while piece := await self._write.slice(sqlite_staff.expire_audit, older_than):
            forgotten += piece
        return forgotten

    # Sessions.

    async def add_token(self, token: Token, keep: int) -> Sequence[Token]:
        return await self._write.do(people.add_token, token, keep)

    async def token(self, digest: str) -> Token | None:
        return await self._read.do(people.token, digest)

    async def use_token(self, digest: str, used: float, expires: float) -> None:
        await self._write.do(people.use_token, digest, used, expires)

    async def shorten_tokens(self, digests: Sequence[str] | None, expires: float) -> None:
        await self._write.do(people.shorten_tokens, digests, expires)

    async def tokens(self, account: str) -> Sequence[Token]:
        return await self._read.do(people.tokens, account)

    async def drop_tokens(self, digests: Sequence[str]) -> int:
        return await self._write.do(people.drop_tokens, digests)

    # Certificates.

    async def add_certificate(self, certificate: Certificate, most: int) -> bool:
        return await self._write.do(sqlite_certificates.add_certificate, certificate, most)

    async def certificate(self, fingerprint: str) -> Certificate | None:
        return await self._read.do(sqlite_certificates.certificate_of, fingerprint)

    async def certificates(self, account: str) -> Sequence[Certificate]:
        return await self._read.do(sqlite_certificates.certificates, account)

    async def use_certificate(self, fingerprint: str, used: float) -> None:
        await self._write.do(sqlite_certificates.use_certificate, fingerprint, used)

    async def drop_certificates(self, account: str, fingerprints: Sequence[str]) -> int:
        return await self._write.do(sqlite_certificates.drop_certificates, account, fingerprints)

    # Inbox.

    async def post(self, mail: Mail, room: int) -> int:
        return await self._write.do(people.post, mail, room)

    async def waiting(self, account: str) -> int:
        return await self._read.do(people.waiting, account)

    async def take_mail(self, account: str, limit: int, size: int = PAGE) -> Sequence[Mail]:
        return await self._write.do(people.take_mail, account, limit, size)

    async def letters(self, account: str, after: int, limit: int) -> Sequence[Mail]:
        return await self._read.do(people.letters, account, after, limit)

    async def read_mail(self, account: str, before: int | None, limit: int) -> Sequence[Mail]:
        return await self._read.do(people.read_mail, account, before, limit)

    # Where one stopped reading.

    async def mark(self, account: str, marks: Mapping[str, int]) -> None:
        await self._write.do(people.mark, account, marks)

    async def marks(self, account: str) -> Mapping[str, int]:
        return await self._read.do(people.marks, account)

"""
A backend that forgets everything with the process: for tests, and to show what a backend has to do.

Several nodes may share one L{MemoryStore}, as they would share a database and a broker. It knows no disk and
no thread; whatever goes from one node to another goes as text, as it would over a network. It is long because what a
backend promises is.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from chatroom.backends import refusals
from chatroom.backends.ledger import Draft, Ledger, RoomLog
from chatroom.backends.words import SearchTerms
from chatroom.erasure import anonymous
from chatroom.errors import NotKept, Refused
from chatroom.events import KINDS_VERSION, SERVER, Acted, Event, RoomEvent, Said, ServerRole
from chatroom.folding import fold
from chatroom.interfaces import IBackend, IListener, Soundness
from chatroom.records import (
    ERASED_NAME,
    PAGE,
    SHELL,
    Account,
    AuditEntry,
    Certificate,
    Found,
    Mail,
    StartState,
    Token,
    fitting,
    is_shell,
)
from chatroom.wire import dumps, loads


class MemoryStore:
    """
    What nodes share.

    @ivar failing: while it is set, nothing can be kept: this is raised instead.
    @ivar history: recorded events of each room, oldest first, each with an id that grows over all rooms.
    @ivar nodes: those that are alive. @ivar settings: what each of them has said when it started.
    @ivar claims: who holds a nickname, and through which nodes how many times.
    @ivar lost: lost nodes that are not buried yet, each with the node that buries it.
    @ivar left: nodes that are being handed over, each with what was kept since.
    """

    def __init__(self) -> None:
        self.failing: NotKept | None = None
        self.nodes: dict[str, MemoryBackend] = {}
        self.settings: dict[str, str] = {}
        self.lost: dict[str, str] = {}
        self.left: dict[str, list[str]] = {}
        self.ledger = Ledger()
        self.history: dict[RoomLog, list[tuple[int, RoomEvent]]] = {}
        self.claims: dict[str, tuple[str, Counter[str]]] = {}
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, Token] = {}
        self.certificates: dict[str, Certificate] = {}
        self.mail: dict[int, Mail] = {}
        self.marks: dict[str, dict[str, int]] = {}
        self.audit: list[AuditEntry] = []
        self.ids = 0

    def next_id(self) -> int:
        """A number higher than all before."""
        self.ids += 1
        return self.ids

    def kill(self, node: str) -> None:
        """This node vanishes without a goodbye, as with C{kill -9}: one of the others is told that it is lost."""
        if self.nodes.pop(node, None) is not None or self.left.pop(node, None) is not None:
            self.settings.pop(node, None)
            self.left.pop(node, None)
            self.lost[node] = ""
            self.bury()

    def bury(self) -> None:
        """Tell one of the nodes alive of each that is lost, unless the one that was told of it is alive."""
        executor = next(iter(self.nodes.values()), None)
        if executor is not None:
            for lost in self.unburied(executor.node):
                executor.post_lost(lost)

    def unburied(self, executor: str) -> tuple[str, ...]:
        """Lost nodes that no living node buries. From now on this node buries them."""
        found = tuple(lost for lost, told in self.lost.items() if told not in self.nodes)
        self.lost.update(dict.fromkeys(found, executor))
        return found

    def leave(self, node: str) -> None:
        """This node has said goodbye for its people and claims nothing."""
        self.nodes.pop(node, None)
        self.settings.pop(node, None)
        self.unclaim(node)
        self.bury()

    def unclaim(self, node: str, keys: Iterable[str] | None = None) -> None:
        """This node holds these nicknames no more; C{None}: none at all."""
        for key in list(self.claims if keys is None else keys):
            _, nodes = self.claims.get(key, ("", Counter[str]()))
            del nodes[node]
            if not nodes.total():
                self.claims.pop(key, None)

    def forget_nodes(self) -> None:
        """No node is alive: nobody is on line, and no goodbye is owed."""
        self.ledger.forget_presence()
        self.claims.clear()
        self.lost.clear()

    def kept(self, room: str) -> list[tuple[int, RoomEvent]]:
        """A room's history."""
        found = self.ledger.rooms.get(room)
        return self.history.get(found, []) if found is not None else []

    def write(self, draft: Draft) -> None:
        """Make a draft history."""
        for room, event in draft.recorded:
            self.history.setdefault(room, []).append((self.next_id(), event))
        for room, there in draft.rooms:
            if not there:
                self.history.pop(room, None)
        for entry in draft.entries():
            self.note(entry)

    def note(self, entry: AuditEntry) -> None:
        """One more entry of the audit log."""
        self.audit.append(replace(entry, id=self.next_id()))

    def snapshot(self) -> StartState:
        """What holds now."""
        rooms = sorted(self.ledger.rooms.values(), key=lambda room: (room.name != SERVER, room.id))
        return StartState(
            tuple(_copy(event) for room in rooms for event in room.slots.values()),
            {room.name: room.last for room in rooms if room.last},
        )


def _beyond(numbers: Sequence[int], keep: int | None) -> int:
    """The newest number that is one too many, or 0."""
    return 0 if keep is None or len(numbers) <= keep else numbers[len(numbers) - keep - 1]


def _copy(event: Event) -> Event:
    return loads(dumps(event, public=False))


@implementer(IBackend)
class MemoryBackend:
    """
    One node. Events of the others reach it a moment later, and in any case before its own next ones.

    @ivar holding: while it is set, they reach it only when L{deliver} is called or when it keeps something itself.
    @ivar ahead: what L{soundness} says of the clock. @ivar kinds: the version of the kinds of events that it knows.
    """

    def __init__(self, store: MemoryStore, clock: IReactorTime | None = None) -> None:
        """@param clock: events come from other nodes in its next turn; without one, at once."""
        self.holding = False
        self.ahead = 0.0
        self.kinds = KINDS_VERSION
        self._store = store
        self._clock = clock
        self._node = ""
        self._listener: IListener | None = None
        self._stopped = self._evicted = False
        self._inbox: deque[Callable[[IListener], None]] = deque()

    # Life.

    @property
    def node(self) -> str:
        """The name by which it was started last."""
        return self._node

    async def start(
        self,
        node: str,
        listener: IListener,
        present: Sequence[Event] = (),
        *,
        takes_over: bool = False,
        settings: str = "",
    ) -> StartState:
        store = self._store
        missed = self._take_place(node) if takes_over else ()
        if not store.nodes and not store.left:
            store.forget_nodes()
            store.ledger.adopt(present)
        if node in store.nodes or node in store.lost:
            raise Refused(f"There is already a node called {node}.")
        others = {name: store.settings[name] for name in (*store.nodes, *store.left) if name != node}
        self._node, self._listener, self._evicted = node, listener, False
        self._stopped = False
        self._inbox.clear()
        store.nodes[node], store.settings[node] = self, settings
        return replace(store.snapshot(), nodes=others, missed=missed, lost=store.unburied(node))

    def _take_place(self, node: str) -> tuple[Event, ...]:
        """
        Be this node in the place of another process.

        @return: what was kept since it was handed over.
        @raise Refused: it is there no more, and others are.
        """
        store = self._store
        if node in store.lost or (node not in store.nodes and node not in store.left and (store.nodes or store.left)):
            raise Refused(f"The node {node} was taken for lost.")
        former = store.nodes.pop(node, None)
        if former is not None and former is not self:
            former.evict()
        return tuple(loads(text, newer=True) for text in store.left.get(node, ()))

    def evict(self) -> None:
        """Another process is this node now, or the others have buried it."""
        if not self._evicted and self._listener is not None:
            self._evicted = True
            self._listener.evicted(refusals.EVICTED)

    async def present(self) -> Sequence[Event]:
        return self._store.ledger.presence(self._node)

    async def probe(self) -> None:
        self._writing()

    def soundness(self) -> Soundness:
        nodes = self._store.nodes
        kinds = min((node.kinds for node in nodes.values()), default=self.kinds)
        return Soundness(ahead=self.ahead, nodes=max(1, len(nodes)), kinds=kinds)

    def hasten(self) -> None:
        """Nothing waits for a reader."""

    async def is_elected(self) -> bool:
        return next(iter(self._store.nodes), "") == self._node

    async def stop(self, handing_over: bool = False) -> None:
        if self._here():
            self.deliver()
            if handing_over:
                del self._store.nodes[self._node]
                self._store.left[self._node] = []
                self._store.bury()
            else:
                self._store.left.pop(self._node, None)
                self._store.leave(self._node)
            self._stopped = True

    def _here(self) -> bool:
        return self._store.nodes.get(self._node) is self

    def _writing(self) -> MemoryStore:
        if not self._here():
            if self._node and not self._stopped:
                self.evict()
                raise refusals.evicted()
            raise refusals.closing()
        if self._store.failing is not None:
            raise self._store.failing
        return self._store

    # Events.

    async def keep(self, batch: Sequence[Event]) -> Sequence[bool]:
        store = self._writing()
        self.deliver()
        draft = store.ledger.draft(batch)
        store.write(draft)
        others = [node for node in store.nodes.values() if node is not self]
        store.left.pop(self._node, None)  # it goes on: nobody takes it over any more from where it was handed over
        texts = [dumps(event, public=False) for event in draft.events] if others or store.left else []
        for node in others:
            node.post_heard(texts)
        for missed in store.left.values():
            missed.extend(texts)
        if self._listener is not None and draft.events:
            self._listener.heard(draft.events)
        for node in others:
            node.deliver_soon()
        return draft.happened

    def post_heard(self, texts: Sequence[str]) -> None:
        """Another node has kept these; they wait to be delivered."""
        if texts:
            self._inbox.append(partial(_hear, texts))

    def post_lost(self, node: str) -> None:
        """Another node is lost, and this is the one to be told."""
        self._inbox.append(partial(_lose, node))
        self.deliver_soon()

    def deliver_soon(self) -> None:
        """Deliver what waits, unless it is held back."""
        if self.holding:
            return
        if self._clock is None:
            self.deliver()
        else:
            self._clock.callLater(0, self._deliver_unless_held)

    def _deliver_unless_held(self) -> None:
        if not self.holding:
            self.deliver()

    def deliver(self) -> None:
        """Tell the listener all that waits, in order."""
        while self._inbox and self._here() and self._listener is not None:
            self._inbox.popleft()(self._listener)

    # Names.

    async def claim(self, key: str, holder: str) -> bool:
        claimed, nodes = self._writing().claims.setdefault(key, (holder, Counter()))
        if claimed != holder:
            return False
        nodes[self._node] += 1
        return True

    async def release(self, key: str, holder: str) -> bool:
        claims = self._writing().claims
        claimed, nodes = claims.get(key, ("", Counter[str]()))
        if claimed == holder and nodes[self._node] > 0:
            nodes[self._node] -= 1
            if not nodes.total():
                del claims[key]
        return key not in claims

    async def claim_all(self, claims: Mapping[str, tuple[str, int]]) -> Sequence[str]:
        store = self._writing()
        store.unclaim(self._node)
        refused = []
        for key, (holder, times) in claims.items():
            claimed, nodes = store.claims.setdefault(key, (holder, Counter()))
            if claimed == holder:
                nodes[self._node] += times
            else:
                refused.append(key)
        return refused

    async def release_lost(self, node: str, keys: Sequence[str] | None = None) -> None:
        store = self._writing()
        if store.lost.get(node) == self._node:
            store.unclaim(node, keys)
            if keys is None:
                del store.lost[node]

    # History.

    async def history(
        self, room: str, *, after: int | None, before: int | None, limit: int, talk: bool, size: int | None = None
    ) -> Sequence[RoomEvent]:
        found = [
            event
            for _, event in self._store.kept(room)
            if (after is None or event.seq > after)
            and (before is None or event.seq < before)
            and (not talk or isinstance(event, (Said, Acted)))
        ]
        found = found[-limit:] if after is None else found[:limit]
        if size is None:
            return found
        read = 1 + fitting(found if after is not None else reversed(found), sys.maxsize, size)
        return found[:read] if after is not None else found[-read:]

    async def talk_count(self, room: str, after: int, before: int, most: int) -> int:
        return len(await self.history(room, after=after, before=before, limit=most, talk=True))

    async def number_at(self, room: str, at: float) -> int | None:
        events = self._store.kept(room)
        place = bisect_left(events, at, key=lambda kept: kept[1].at)
        return events[place][1].seq if place < len(events) else None

    async def search(
        self, rooms: Sequence[str], words: Sequence[str], before: int | None, limit: int, size: int = PAGE
    ) -> Found:
        wanted = SearchTerms(words)
        found = [
            (id, event)
            for room in set(rooms)
            for id, event in self._store.kept(room)
            if (before is None or id < before)
            and isinstance(event, (Said, Acted))
            and not wanted.nothing()
            and wanted.is_in(event.text)
        ]
        found.sort(key=lambda one: one[0], reverse=True)
        page = found[: fitting((event for _, event in found), limit, size)]
        return Found(tuple(event for _, event in page), page[-1][0] if len(found) > len(page) else None)

    async def expire(self, older_than: float | None, keep_talk: int | None, keep_others: int | None = None) -> int:
        store, forgotten = self._writing(), 0
        for room, kept in store.history.items():
            talk = [event.seq for _, event in kept if isinstance(event, (Said, Acted))]
            others = [event.seq for _, event in kept if not isinstance(event, (Said, Acted))]
            old = [event.seq for _, event in kept if older_than is not None and event.at < older_than]
            cut = max(_beyond(talk, keep_talk), *old, 0)
            cut_others = max(cut, _beyond(others, keep_others))
            left = [(id, event) for id, event in kept if event.seq > cut]
            left = [(id, event) for id, event in left if event.seq > cut_others or isinstance(event, (Said, Acted))]
            store.history[room] = left
            forgotten += len(kept) - len(left)
        return forgotten

    async def shrink(self) -> int | None:
        self._writing()
        return 0

    # Accounts.

    async def add_account(self, account: Account) -> bool:
        accounts = self._writing().accounts
        if account.key in accounts:
            return False
        accounts[account.key] = account
        return True

    async def account(self, key: str) -> Account | None:
        return self._store.accounts.get(key)

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
        old = self._writing().accounts.get(key)
        if old is None or instead_of not in (None, old.password):
            return False
        self._store.accounts[key] = replace(
            old,
            name=old.name if name is None else name,
            password=old.password if password is None else password,
            ignored=old.ignored if ignored is None else tuple(ignored),
            zone=old.zone if zone is None else zone,
            bot=old.bot if bot is None else bot,
        )
        return True

    async def set_disabled(self, key: str, disabled: bool, entry: AuditEntry) -> bool:
        store = self._writing()
        account = store.accounts.get(key)
        if account is None:
            raise LookupError(key)
        if account.disabled is disabled:
            return False
        store.accounts[key] = replace(account, disabled=disabled)
        store.note(entry)
        return True

    async def accounts(self, after: str, limit: int) -> Sequence[Account]:
        found = [account for key, account in sorted(self._store.accounts.items()) if key > after]
        return found[:limit]

    async def drop_account(self, key: str) -> bool:
        store = self._writing()
        store.tokens = {digest: token for digest, token in store.tokens.items() if token.account != key}
        store.certificates = {each: made for each, made in store.certificates.items() if made.account != key}
        store.mail = {id: mail for id, mail in store.mail.items() if mail.to != key}
        store.marks.pop(key, None)
        return store.accounts.pop(key, None) is not None

    async def staff(self) -> Sequence[Account]:
        found = [account for account in self._store.accounts.values() if account.role > ServerRole.NONE]
        return sorted(found, key=lambda account: (-account.role, account.key))

    async def set_server_role(self, key: str, role: ServerRole, entry: AuditEntry) -> ServerRole:
        store = self._writing()
        account = store.accounts.get(key)
        if account is None:
            raise LookupError(key)
        admins = [each.key for each in await self.staff() if each.role is ServerRole.ADMIN and not each.disabled]
        if role is not ServerRole.ADMIN and admins == [key]:
            raise refusals.last_admin(account.name)
        store.accounts[key] = replace(account, role=role)
        store.note(entry)
        return account.role

    # Everything of one person.

    async def lines(self, key: str, since: float, after: int, limit: int) -> Found:
        found = sorted(
            (id, event)
            for room in self._store.ledger.rooms.values()
            for id, event in self._store.history.get(room, ())
            if isinstance(event, (Said, Acted)) and id > after and event.at >= since and fold(event.nick) == key
        )
        page = found[:limit]
        return Found(tuple(event for _, event in page), page[-1][0] if len(found) > limit else None)

    async def erase(self, key: str, keep_text: bool) -> int:
        store, lines = self._writing(), 0
        for room, kept in store.history.items():
            changed = [(id, anonymous(event, key, keep_text)) for id, event in kept]
            store.history[room] = [(id, new or old) for (id, new), (_, old) in zip(changed, kept, strict=True)]
            lines += sum(isinstance(event, (Said, Acted)) for _, event in changed)
        store.ledger.erase(key, keep_text)
        sent = [mail for mail in store.mail.values() if fold(mail.sender) == key]
        for mail in sent:
            del store.mail[mail.id]
            if keep_text:
                store.mail[mail.id] = replace(mail, sender=ERASED_NAME)
        store.mail = dict(sorted(store.mail.items()))
        for at, entry in enumerate(store.audit):
            if not keep_text and key in (entry.who.casefold(), entry.target.casefold()):
                store.audit[at] = replace(entry, detail="")
        return lines

    # The audit log.

    async def audit(self, entry: AuditEntry) -> None:
        self._writing().note(entry)

    async def audit_log(self, who: str | None, before: int | None, limit: int) -> Sequence[AuditEntry]:
        found = [
            entry
            for entry in self._store.audit
            if (before is None or entry.id < before)
            and (
                who is None
                or fold(who) in (fold(entry.who), fold(entry.target))
                or (who == SHELL and is_shell(entry.who))
            )
        ]
        return found[-limit:]

    async def expire_audit(self, older_than: float) -> int:
        store = self._writing()
        kept = [entry for entry in store.audit if entry.at >= older_than]
        forgotten, store.audit = len(store.audit) - len(kept), kept
        return forgotten

    # Sessions.

    async def add_token(self, token: Token, keep: int) -> Sequence[Token]:
        self._writing().tokens[token.digest] = token
        alike = [each for each in await self.tokens(token.account) if each.sort == token.sort]
        dropped = [each for each in alike if each.digest != token.digest][keep - 1 :]
        await self.drop_tokens([each.digest for each in dropped])
        return dropped

    async def token(self, digest: str) -> Token | None:
        return self._store.tokens.get(digest)

    async def use_token(self, digest: str, used: float, expires: float) -> None:
        tokens = self._writing().tokens
        if digest in tokens:
            tokens[digest] = replace(tokens[digest], used=used, expires=expires)

    async def shorten_tokens(self, digests: Sequence[str] | None, expires: float) -> None:
        tokens = self._writing().tokens
        for digest in list(tokens) if digests is None else digests:
            token = tokens.get(digest)
            if token is not None and not token.kept and (digests is not None or token.expires > expires):
                tokens[digest] = replace(token, expires=expires)

    async def tokens(self, account: str) -> Sequence[Token]:
        newest_first = reversed(self._store.tokens.values())
        found = [token for token in newest_first if token.account == account]
        return sorted(found, key=lambda token: token.used, reverse=True)

    async def drop_tokens(self, digests: Sequence[str]) -> int:
        tokens = self._writing().tokens
        return sum(tokens.pop(digest, None) is not None for digest in digests)

    async def add_certificate(self, certificate: Certificate, most: int) -> bool:
        store, account = self._writing(), certificate.account
        found = store.certificates.get(certificate.fingerprint)
        if found is not None or account not in store.accounts:
            return found is not None and found.account == account
        if len(await self.certificates(account)) >= most:
            raise refusals.too_many_certificates(most)
        store.certificates[certificate.fingerprint] = certificate
        return True

    async def certificate(self, fingerprint: str) -> Certificate | None:
        return self._store.certificates.get(fingerprint)

    async def certificates(self, account: str) -> Sequence[Certificate]:
        found = [each for each in self._store.certificates.values() if each.account == account]
        return sorted(found, key=lambda each: (each.added, each.fingerprint))

    async def use_certificate(self, fingerprint: str, used: float) -> None:
        known = self._writing().certificates
        if fingerprint in known:
            known[fingerprint] = replace(known[fingerprint], used=used)

    async def drop_certificates(self, account: str, fingerprints: Sequence[str]) -> int:
        known = self._writing().certificates
        own = {each for each in fingerprints if each in known and known[each].account == account}
        for each in own:
            del known[each]
        return len(own)

    # Inbox.

    def _mail(self, account: str, read: bool) -> list[Mail]:
        return [mail for mail in self._store.mail.values() if mail.to == account and mail.read == read]

    async def post(self, mail: Mail, room: int) -> int:
        store, unread = self._writing(), await self.waiting(mail.to)
        if unread >= room:
            raise refusals.full_inbox(mail.to)
        id = store.next_id()
        store.mail[id] = replace(mail, id=id, read=False)
        return unread + 1

    async def waiting(self, account: str) -> int:
        return len(self._mail(account, read=False))

    async def take_mail(self, account: str, limit: int, size: int = PAGE) -> Sequence[Mail]:
        store, unread = self._writing(), self._mail(account, read=False)
        taken = [replace(mail, read=True) for mail in unread[: fitting(unread, limit, size)]]
        store.mail.update((mail.id, mail) for mail in taken)
        return taken

    async def letters(self, account: str, after: int, limit: int) -> Sequence[Mail]:
        return [mail for mail in self._store.mail.values() if mail.to == account and mail.id > after][:limit]

    async def read_mail(self, account: str, before: int | None, limit: int) -> Sequence[Mail]:
        return [mail for mail in self._mail(account, read=True) if before is None or mail.id < before][-limit:]

    # Where one stopped reading.

    async def mark(self, account: str, marks: Mapping[str, int]) -> None:
        known = self._writing().marks.setdefault(account, {})
        known.update({room: max(seq, known.get(room, 0)) for room, seq in marks.items()})

    async def marks(self, account: str) -> Mapping[str, int]:
        return dict(self._store.marks.get(account, {}))


def _hear(texts: Sequence[str], listener: IListener) -> None:
    listener.heard([loads(text, newer=True) for text in texts])


def _lose(node: str, listener: IListener) -> None:
    listener.lost(node)

"""
Passwords: how they are written down, hashed and checked, and that no more than a few are at a time.
"""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from passlib.context import CryptContext
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorThreads
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatroom.auth.passwords import Cost, HashThreads, Passwords
from chatroom.errors import Busy, Refused, Unlawful
from chatroom.interfaces import Asker, IPasswords
from chatroom.limits import Limits
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parent.parent.parent

CHEAP = Cost(time=1, memory=8, parallelism=1)
"""The same hash as the daemon's, but weak: a twentieth of a millisecond."""


class Bench:
    """An executor that calls nothing until it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], Any], Deferred[Any]]] = []

    def run(self, work: Callable[[], Any]) -> Deferred[Any]:
        """Put it at the end of the queue."""
        fires: Deferred[Any] = Deferred()
        self.waiting.append((work, fires))
        return fires

    def do_one(self) -> None:
        """Call what waits longest."""
        work, fires = self.waiting.pop(0)
        maybeDeferred(work).chainDeferred(fires)


class CountingContext:
    """The hashing library, counting how often argon2 is computed."""

    def __init__(self, passwords: Passwords) -> None:
        self._context: CryptContext = passwords._context
        self.computed = 0
        passwords._context = cast(CryptContext, self)

    def hash(self, password: str) -> str:
        """One computation."""
        self.computed += 1
        return self._context.hash(password)

    def verify_and_update(self, password: str, hash: str) -> tuple[bool, str | None]:
        """One computation, and one more where there is a new hash."""
        right, better = self._context.verify_and_update(password, hash)
        self.computed += 1 if better is None else 2
        return right, better


class PasswordsCase(SynchronousTestCase):
    """Passwords that are hashed at once."""

    def setUp(self) -> None:
        self.passwords = Passwords(maybeDeferred, Limits(), CHEAP)

    def hash(self, password: str, passwords: Passwords | None = None) -> str:
        """A hash of this password; what it raises is raised."""
        results: list[Any] = []
        Deferred.fromCoroutine((passwords or self.passwords).hash(password, Asker())).addBoth(results.append)
        [result] = results
        if isinstance(result, Failure):
            result.raiseException()
        return cast(str, result)

    def verify(self, password: str, hash: str | None) -> tuple[bool, str | None]:
        """What checking this password against this hash gives."""
        return self.successResultOf(Deferred.fromCoroutine(self.passwords.verify(password, hash, Asker())))


class PasswordsTests(PasswordsCase):
    """Making hashes and checking passwords against them."""

    def test_provides_its_interface(self) -> None:
        """It is what the rest of the server expects."""
        verifyObject(IPasswords, self.passwords)

    def test_right_and_wrong(self) -> None:
        """The password opens, in exactly its letter case, and nothing else does."""
        kept = self.hash("correct horse")
        self.assertEqual((True, None), self.verify("correct horse", kept))
        self.assertEqual((False, None), self.verify("Correct horse", kept))
        self.assertEqual((False, None), self.verify("correct  horse", kept))
        self.assertEqual((False, None), self.verify("", kept))

    def test_argon2id_with_the_parameters_asked_for(self) -> None:
        """A hash says how it was made: argon2id, with this much memory, time and parallelism."""
        passwords = Passwords(maybeDeferred, Limits(), Cost(time=2, memory=64, parallelism=3))
        self.assertStartsWith(self.hash("correct horse", passwords), "$argon2id$v=19$m=64,t=2,p=3$")

    def test_default_parameters(self) -> None:
        """The default is RFC 9106's second recommendation, 64 MiB and 3 passes."""
        self.assertStartsWith(
            self.hash("correct horse", Passwords(maybeDeferred, Limits())), "$argon2id$v=19$m=65536,t=3,p=4$"
        )

    def assertStartsWith(self, text: str, start: str) -> None:
        """Compare, so that a failure shows all of the text."""
        self.assertTrue(text.startswith(start), text)

    def test_salted(self) -> None:
        """Two people with the same password have different hashes."""
        self.assertNotEqual(self.hash("correct horse"), self.hash("correct horse"))

    def test_older_parameters_are_renewed(self) -> None:
        """A hash made with any other parameter is still good, and comes back made anew."""
        for old in (Cost(2, 8, 1), Cost(1, 16, 1), Cost(1, 16, 2)):
            kept = self.hash("correct horse", Passwords(maybeDeferred, Limits(), old))
            right, better = self.verify("correct horse", kept)
            self.assertTrue(right)
            assert better is not None
            self.assertStartsWith(better, "$argon2id$v=19$m=8,t=1,p=1$")
            self.assertEqual((True, None), self.verify("correct horse", better))

    def test_wrong_passwords_renew_nothing(self) -> None:
        """Only who knows the password makes a new hash of it."""
        kept = self.hash("correct horse", Passwords(maybeDeferred, Limits(), Cost(2, 8, 1)))
        self.assertEqual((False, None), self.verify("battery staple", kept))

    def test_nobody_is_checked_as_long_as_somebody(self) -> None:
        """An unknown name, and a name without a password, cost one hash, just as a wrong password does."""
        kept = self.hash("correct horse")
        counting = CountingContext(self.passwords)
        for password in ("battery staple", "", "\0", "x" * 5000, "\ud800"):
            for hash in (kept, None, ""):
                before = counting.computed
                self.assertEqual((False, None), self.verify(password, hash))
                self.assertEqual(1, counting.computed - before, (password[:20], hash))

    def test_any_password_at_all(self) -> None:
        """Whatever a program sends as a password, it is checked or refused, and never a bug."""

        @given(st.text(st.characters()))
        def check(password: str) -> None:
            try:
                kept = self.hash(password)
            except Unlawful:
                self.assertEqual((False, None), self.verify(password, self.hash("correct horse")))
            else:
                self.assertEqual((True, None), self.verify(password, kept))

        check()


class FormsTests(PasswordsCase):
    """What a typed password may have been kept as."""

    def test_however_it_is_typed(self) -> None:
        """A password opens in each of its forms: with another kind of space, and with letters in pieces or in one."""
        kept = self.hash("caf\u00e9 \u00fcber alles ")
        for typed in ("cafe\u0301 \u00fcber alles ", "caf\u00e9\u3000u\u0308ber\u00a0alles\u2003"):
            self.assertEqual((True, None), self.verify(typed, kept))
        self.assertEqual((False, None), self.verify("caf\u00e9 \u00fcber alles", kept))

    def test_accounts_of_the_older_rule(self) -> None:
        """Spaces at the ends were once lost behind a command: who types them still gets in."""
        kept = self.hash("geheim wort")
        for typed in ("geheim wort ", "\u3000geheim wort", " geheim\u00a0wort "):
            self.assertEqual((True, None), self.verify(typed, kept))

    def test_as_long_for_nobody(self) -> None:
        """Where two forms are tried, they are tried for an unknown name as well."""
        kept, counting = self.hash("correct horse"), CountingContext(self.passwords)
        for typed, expected in (("battery ", 2), ("battery", 1)):
            for hash in (kept, None, ""):
                before = counting.computed
                self.assertEqual((False, None), self.verify(typed, hash))
                self.assertEqual(expected, counting.computed - before, (typed, hash))


class CostTests(SynchronousTestCase):
    """Parameters that argon2 would not take are refused when the daemon starts, not at the first login."""

    def test_lawful(self) -> None:
        """The defaults, and the least of everything."""
        self.assertEqual(Cost(3, 65536, 4), Cost())
        Cost(1, 8, 1)
        Cost(1, 16, 2)

    def test_unlawful(self) -> None:
        """A sentence says what argon2 needs."""
        for time, memory, parallelism in ((0, 8, 1), (1, 8, 0), (1, 7, 1), (1, 15, 2), (1, 2**32, 1)):
            error = self.assertRaises(ValueError, Cost, time, memory, parallelism)
            self.assertIn("at least", str(error))


class BoundTests(SynchronousTestCase):
    """No crowd at the door can make the daemon hash without end."""

    def setUp(self) -> None:
        self.bench = Bench()
        self.passwords = Passwords(self.bench.run, Limits(hash_threads=1, hash_queue=2), CHEAP)

    def test_too_many(self) -> None:
        """With as many under way as there are threads and places to wait, the next is asked to come again."""
        under_way = [Deferred.fromCoroutine(self.passwords.verify("guess", None, Asker())) for _ in range(3)]
        refused = self.failureResultOf(Deferred.fromCoroutine(self.passwords.verify("guess", None, Asker())), Busy)
        self.assertIn("Try again", refused.value.sentence)
        self.failureResultOf(Deferred.fromCoroutine(self.passwords.hash("new password", Asker())), Busy)
        for deferred in under_way:
            self.assertNoResult(deferred)

    def test_room_again(self) -> None:
        """When one is done, there is room for another."""
        first, *_ = (Deferred.fromCoroutine(self.passwords.verify("guess", None, Asker())) for _ in range(3))
        self.bench.do_one()
        self.assertEqual((False, None), self.successResultOf(first))
        self.assertNoResult(Deferred.fromCoroutine(self.passwords.verify("guess", None, Asker())))

    def test_a_failure_makes_room_as_well(self) -> None:
        """A hash that cannot be read is a bug, and does not take a place for ever."""
        for _ in range(10):
            broken = Deferred.fromCoroutine(self.passwords.verify("guess", "no hash at all", Asker()))
            self.bench.do_one()
            self.failureResultOf(broken, ValueError)

    def test_a_place_is_free_when_its_hash_is_done(self) -> None:
        """Somebody who is not waited for any more still has the thread: nobody has it as well before it is done."""
        given_up = self.passwords.verify("guess", None, Asker())
        given_up.send(None)
        second = Deferred.fromCoroutine(self.passwords.verify("guess", None, Asker()))
        given_up.close()
        self.assertEqual(1, len(self.bench.waiting))
        self.bench.do_one()
        self.bench.do_one()
        self.assertEqual((False, None), self.successResultOf(second))


class FairnessTests(SynchronousTestCase):
    """Who waits for a crowd waits for one of it."""

    def setUp(self) -> None:
        self.bench = Bench()
        self.passwords = Passwords(self.bench.run, Limits(hash_threads=1, hash_queue=4), CHEAP)
        self.done: list[str] = []
        self.hashed = 0

    def asks(self, who: str, times: int = 1, asker: Asker | None = None) -> None:
        """So many checks asked for from one network; what becomes of each is in L{done}."""
        for _ in range(times):
            asking = asker or Asker()
            asking.network = asking.network or who
            checked = Deferred.fromCoroutine(self.passwords.verify("guess", None, asking))
            checked.addCallbacks(
                lambda _: self.done.append(who), lambda failure: self.done.append(f"{who} {failure.type.__name__}")
            )

    def all_are_done(self) -> list[str]:
        """In which order they were answered."""
        while self.bench.waiting:
            self.assertEqual(1, len(self.bench.waiting), "no more at once than there are threads")
            self.bench.do_one()
            self.hashed += 1
        return self.done

    def test_by_turns(self) -> None:
        """The second one to come from anywhere waits until everybody who came once has been served."""
        self.asks("flood", 3)
        self.asks("alice")
        self.asks("bob")
        self.assertEqual(5, self.passwords.under_way)
        self.assertEqual(["flood", "flood", "alice", "bob", "flood"], self.all_are_done())
        self.assertEqual(0, self.passwords.under_way)

    def test_a_flood_gives_way(self) -> None:
        """Where every place is taken by a crowd, its last one goes, and somebody from elsewhere has the place."""
        self.asks("flood", 6)
        self.assertEqual(["flood Busy"], self.done)
        self.asks("alice")
        self.assertEqual(["flood Busy"] * 2, self.done)
        self.assertEqual(["flood", "flood", "alice", "flood", "flood"], self.all_are_done()[2:])

    def test_nobody_is_sent_away_for_his_like(self) -> None:
        """Where all who wait came once, it is the newcomer who has to come again."""
        for number in range(5):
            self.asks(f"guest {number}")
        self.asks("late")
        self.assertEqual(["late Busy"], self.done)
        self.assertEqual([f"guest {number}" for number in range(5)], self.all_are_done()[1:])

    def test_neighbours_of_a_loop(self) -> None:
        """Within one network, whoever had fewer hashes goes first: a login waits for nobody who asks in a loop."""
        loop = Asker("192.0.2.1")
        self.asks("loop", 4, loop)
        self.asks("neighbour", asker=Asker("192.0.2.1"))
        self.assertEqual(["loop", "neighbour", "loop", "loop", "loop"], self.all_are_done())

    def test_logins_before_new_passwords(self) -> None:
        """However many of one network set passwords, a login from there waits for none of those that wait."""
        for number in range(4):
            made = Deferred.fromCoroutine(self.passwords.hash("new password", Asker("192.0.2.1")))
            made.addCallback(lambda _, which: self.done.append(which), f"made {number}")
        self.asks("login", asker=Asker("192.0.2.1"))
        self.assertEqual(["made 0", "login", "made 1"], self.all_are_done()[:3])

    def test_one_who_is_gone(self) -> None:
        """Nothing is hashed for a connection that has ended meanwhile."""
        self.asks("flood")
        gone = Asker("192.0.2.1")
        self.asks("gone", asker=gone)
        self.asks("alice")
        gone.gone = True
        self.assertEqual(["alice", "flood", "gone Busy"], sorted(self.all_are_done()))
        self.assertEqual(2, self.hashed)

    def test_closed(self) -> None:
        """Before an upgrade or a stop, what waits is refused at once, and what is being hashed goes on."""
        self.asks("flood", 3)
        self.passwords.close_queue()
        self.assertEqual(["flood Busy"] * 2, self.done)
        self.asks("late")
        self.assertEqual("late Busy", self.done[-1])
        self.assertEqual("flood", self.all_are_done()[-1])
        self.asks("alice")
        self.assertEqual("alice", self.all_are_done()[-1], "a free thread may still be used")
        self.passwords.open_queue()
        self.asks("bob", 2)
        self.assertEqual(["bob", "bob"], self.all_are_done()[-2:])

    def test_charged(self) -> None:
        """Each hash is charged to whoever asks for it, before it waits for a thread."""
        bills: list[str] = []
        asker = Asker("192.0.2.1", lambda: bills.append("one"))
        self.asks("alice", 3, asker)
        self.assertEqual((["one"] * 3, 3), (bills, asker.had))

    def test_long_queue_ends(self) -> None:
        """However many wait when the threads are gone, each is told, and none by way of another."""
        self.passwords = Passwords(maybeDeferred, Limits(hash_threads=1, hash_queue=5000), CHEAP)
        self.passwords._free = 0
        self.asks("flood", 5000)
        self.passwords._free = 1
        self.passwords._go_on()
        self.assertEqual(["flood"] * 5000, self.done)


class ThreadsReactor:
    """As much of a reactor as threads need: what they ask for is done when the test says so."""

    def __init__(self) -> None:
        self._calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self._pool = ThreadPool(minthreads=0, maxthreads=1)
        self._pool.start()

    def callFromThread(self, function: Callable[..., None], *args: object, **kwargs: object) -> None:  # noqa: N802
        """Queue it."""
        self._calls.put(lambda: function(*args, **kwargs))

    def getThreadPool(self) -> ThreadPool:  # noqa: N802
        """The reactor's own threads."""
        return self._pool

    def do_until_fired(self, deferred: Deferred[Any]) -> None:
        """Do what threads ask for until this has fired; give up after a minute."""
        while not deferred.called:
            self._calls.get(timeout=PATIENCE)()

    def close(self) -> None:
        """Stop its threads."""
        self._pool.stop()


class HashThreadsTests(SynchronousTestCase):
    """Where the daemon hashes."""

    def setUp(self) -> None:
        self.reactor = ThreadsReactor()
        self.addCleanup(self.reactor.close)
        self.threads = HashThreads(cast(IReactorThreads, self.reactor), Limits(hash_threads=1))
        self.threads.startService()

    def stop(self) -> None:
        """Stop the service, and wait for it."""
        stopped = self.threads.stopService()
        self.reactor.do_until_fired(stopped)
        self.successResultOf(stopped)

    def test_elsewhere(self) -> None:
        """Work is done in another thread, one that does not keep the daemon from ending."""
        asked = self.threads.run(threading.current_thread)
        self.reactor.do_until_fired(asked)
        thread = self.successResultOf(asked)
        self.assertIsNot(threading.current_thread(), thread)
        self.assertTrue(thread.daemon)
        self.stop()
        self.assertFalse(thread.is_alive())

    def test_nobody_waits_at_the_end(self) -> None:
        """Stopping waits for the hash under way; those behind it are told that the room is closing."""
        go_on, under_way = threading.Event(), threading.Event()

        def wait() -> bool:
            under_way.set()
            return go_on.wait(60)

        first = self.threads.run(wait)
        second = self.threads.run(lambda: self.fail("should not be called"))
        self.assertTrue(under_way.wait(60))
        stopped = self.threads.stopService()
        go_on.set()
        self.reactor.do_until_fired(stopped)
        self.assertTrue(self.successResultOf(first))
        self.failureResultOf(second, Refused)

    def test_too_late(self) -> None:
        """Who comes after the end is told so too, and does not wait for ever."""
        self.stop()
        self.failureResultOf(self.threads.run(lambda: self.fail("should not be called")), Refused)

    def test_hashes_for_passwords(self) -> None:
        """It is what Passwords is given in the daemon."""
        passwords = Passwords(self.threads.run, Limits(), CHEAP)
        kept = Deferred.fromCoroutine(passwords.hash("correct horse", Asker()))
        self.reactor.do_until_fired(kept)
        checked = Deferred.fromCoroutine(passwords.verify("correct horse", self.successResultOf(kept), Asker()))
        self.reactor.do_until_fired(checked)
        self.assertEqual((True, None), self.successResultOf(checked))
        self.stop()


class ImportTests(SynchronousTestCase):
    """The library underneath is old; that is nothing the operator should have to read about."""

    def test_clean_under_warnings_as_errors(self) -> None:
        """Importing and hashing raises no warning, in a Python that makes every warning an error."""
        program = (
            "from twisted.internet.defer import Deferred, maybeDeferred\n"
            "from chatroom.interfaces import Asker\n"
            "from chatroom.limits import Limits\n"
            "from chatroom.auth.passwords import Cost, Passwords\n"
            "passwords = Passwords(maybeDeferred, Limits(), Cost(1, 8, 1))\n"
            "Deferred.fromCoroutine(passwords.hash('correct horse', Asker())).addCallback(print)\n"
        )
        python = [sys.executable, "-W", "error", "-c", program]
        ran = subprocess.run(python, cwd=ROOT, capture_output=True, timeout=PATIENCE)
        self.assertEqual((0, b""), (ran.returncode, ran.stderr))
        self.assertEqual(b"$argon2id$", ran.stdout[:10])

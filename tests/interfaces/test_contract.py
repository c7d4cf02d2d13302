"""
Contracts: what a type checker reads as a protocol is an interface of zope.interface when the program runs.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.exceptions import BrokenImplementation, BrokenMethodImplementation
from zope.interface.verify import verifyClass, verifyObject

from chatroom.interfaces import Contract, interface, provides


class IBell(Contract):
    """Something that rings."""

    @property
    def tone(self) -> str:
        """How it sounds."""

    def ring(self, times: int, loud: bool = False) -> None:
        """Ring."""


class IClock(IBell, Contract):
    """Something that rings at an hour."""

    async def strike(self, *hours: int) -> None:
        """Ring for each hour."""


@provides(IClock)
class Clock:
    """Keeps the contract."""

    tone = "deep"

    def ring(self, times: int, loud: bool = False) -> None:
        """Make no sound: this is a test."""

    async def strike(self, *hours: int) -> None:
        """Make no sound either."""


class ContractTests(SynchronousTestCase):
    """What zope.interface sees of a contract."""

    def test_object_that_keeps_it_is_a_provider(self) -> None:
        """A class that is declared with C{provides} makes providers of the contract and of its bases."""
        self.assertTrue(interface(IClock).providedBy(Clock()))
        self.assertTrue(interface(IBell).providedBy(Clock()))
        self.assertFalse(interface(IBell).providedBy(object()))
        verifyObject(IClock, Clock())

    def test_self_is_no_argument(self) -> None:
        """A method of a contract has the arguments of its callers: C{self} is not one of them."""
        self.assertEqual("(times, loud=False)", interface(IBell)["ring"].getSignatureString())
        self.assertEqual("(*hours)", interface(IClock)["strike"].getSignatureString())

    def test_attributes_and_docstrings_are_kept(self) -> None:
        """A property of a contract is an attribute of the interface, with its docstring."""
        self.assertEqual({"tone", "ring"}, set(interface(IBell).names()))
        self.assertEqual({"tone", "ring", "strike"}, set(interface(IClock).names(all=True)))
        self.assertEqual("How it sounds.", interface(IBell)["tone"].__doc__)
        self.assertEqual("Ring.", interface(IBell)["ring"].__doc__)
        self.assertEqual("Something that rings.", interface(IBell).__doc__)
        self.assertEqual(__name__, interface(IBell).__module__)

    def test_missing_method_is_found(self) -> None:
        """An object without a method of the contract is found to break it."""

        @provides(IBell)
        class Mute:
            tone = "none"

        with self.assertRaises(BrokenImplementation):
            verifyObject(IBell, Mute())

    def test_missing_attribute_is_found(self) -> None:
        """An object without an attribute of the contract is found to break it."""

        @provides(IBell)
        class Toneless:
            def ring(self, times: int, loud: bool = False) -> None:
                """Make no sound."""

        with self.assertRaises(BrokenImplementation):
            verifyObject(IBell, Toneless())

    def test_wrong_arguments_are_found(self) -> None:
        """A method that cannot be called as the contract says is found to break it."""

        @provides(IBell)
        class Impatient:
            tone = "shrill"

            def ring(self) -> None:
                """Make no sound."""

        with self.assertRaises(BrokenMethodImplementation):
            verifyClass(IBell, Impatient)

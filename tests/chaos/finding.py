"""
Whether a test finds a fault that make chaos can plant: it passes without it, and fails with it.
"""

from __future__ import annotations

import unittest
from collections.abc import Callable

from tests.e2e import postgres as running
from tests.server.planted import replaced


def finds(make: Callable[[], unittest.TestCase], plant: Callable[[], None], where: object, name: str) -> bool:
    """
    @param make: the test. @param plant: of L{tests.chaos.planting.planted}. @param where: what that replaces, by its
        C{name}. @raise SkipTest: PostgreSQL is missing.
    """
    running.skip_or_fail()
    passed = _passes(make())
    with replaced(where, name, getattr(where, name)):
        plant()
        return passed and not _passes(make())


def _passes(test: unittest.TestCase) -> bool:
    result = unittest.TestResult()
    test.run(result)
    return result.wasSuccessful()

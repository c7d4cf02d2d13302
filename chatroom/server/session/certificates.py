"""
The TLS certificates of one's own account: which there are, a new one, and their end.

How one logs in by a certificate, L{chatroom.server.session.identity} knows.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.core.accounts import fingerprint_of
from chatroom.core.cleaning import quoted
from chatroom.errors import NotAllowed, NotFound
from chatroom.interfaces import CertificateInfo
from chatroom.records import Certificate
from chatroom.server.session.base import SessionBase

SHORTEST = 8
"""Digits of a fingerprint by which its owner may name it."""


class CertificateActions(SessionBase):
    """What L{chatroom.interfaces.IIdentity} says of certificates."""

    __slots__ = ()

    async def add_certificate(self, fingerprint: str = "") -> str:
        key, backend = self.own_account(), self.services.backend
        await self.check_is_the_owner("certificates")
        presented = not fingerprint.strip()
        if presented and not self.certificate:
            raise NotFound("Your client has presented no certificate. To add one: /cert add FINGERPRINT")
        wanted = self.certificate if presented else fingerprint_of(fingerprint)
        if wanted == self.certificate:
            await self._take_back(wanted, key)
        most = self.services.limits.certificates_per_account
        if not await backend.add_certificate(Certificate(wanted, key, self.now()), most):
            raise NotAllowed("Another account has this certificate. Use another one.")
        return wanted

    async def _take_back(self, fingerprint: str, key: str) -> None:
        """
        Take a certificate that this client has just proved to own from another account: anybody may know a fingerprint,
        and name it first. That it has logged in there proves nothing, as its owner may have known nothing of it.
        """
        found = await self.services.backend.certificate(fingerprint)
        if found is not None and found.account != key:
            await self.services.backend.drop_certificates(found.account, [fingerprint])

    async def certificates(self) -> Sequence[CertificateInfo]:
        found = await self.services.backend.certificates(self.own_account())
        return [
            CertificateInfo(each.fingerprint, each.fingerprint == self.certificate, each.added, each.used)
            for each in found
        ]

    async def remove_certificate(self, fingerprint: str) -> int:
        key, backend = self.own_account(), self.services.backend
        await self.check_is_the_owner("certificates")
        own = [each.fingerprint for each in await backend.certificates(key)]
        wanted = fingerprint.strip().lower().replace(":", "")
        if wanted == "all":
            if not own:
                raise NotFound("Your account has no certificates.")
            return await backend.drop_certificates(key, own)
        found = [each for each in own if len(wanted) >= SHORTEST and each.startswith(wanted)]
        if not found:
            raise NotFound(f"Your account has no certificate {quoted(fingerprint)}. /cert list shows them.")
        if len(found) > 1:
            raise NotFound(f"Several of your certificates begin with {quoted(wanted)}. Type more of the fingerprint.")
        return await backend.drop_certificates(key, found)

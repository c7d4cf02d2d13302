"""
Certificates by which the owners of accounts log in: their SQL.

It knows the table of schema/ and the records, and nothing of TLS or connections.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.backends import refusals
from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.people import lock
from chatroom.backends.postgres.talk import change, rows
from chatroom.records import Certificate

_CERTIFICATE = "SELECT fingerprint, account, added, used FROM certificate"


async def add_certificate(db: Database, certificate: Certificate, most: int) -> bool:
    """See L{IBackend.add_certificate<chatroom.interfaces.IBackend>}."""
    made = certificate
    async with db.transaction():
        await lock(db, "certificate", made.account)
        found = await certificate_of(db, made.fingerprint)
        if found is not None:
            return found.account == made.account
        if len(await certificates(db, made.account)) >= most:
            raise refusals.too_many_certificates(most)
        added = await change(
            db,
            """
            INSERT INTO certificate (fingerprint, account, added, used)
            SELECT %s, key, %s, %s FROM account WHERE key = %s FOR KEY SHARE
            ON CONFLICT DO NOTHING
            """,
            (made.fingerprint, made.added, made.used, made.account),
        )
    return added > 0


async def certificate_of(db: Database, fingerprint: str) -> Certificate | None:
    """The certificate of this fingerprint."""
    found = await rows(db, f"{_CERTIFICATE} WHERE fingerprint = %s", (fingerprint,))
    return Certificate(*found[0]) if found else None


async def certificates(db: Database, account: str) -> Sequence[Certificate]:
    """Those of an account, oldest first."""
    found = await rows(db, f"{_CERTIFICATE} WHERE account = %s ORDER BY added, fingerprint", (account,))
    return [Certificate(*row) for row in found]


async def use_certificate(db: Database, fingerprint: str, used: float) -> None:
    """Note a login, if the certificate is there."""
    await change(db, "UPDATE certificate SET used = %s WHERE fingerprint = %s", (used, fingerprint))


async def drop_certificates(db: Database, account: str, fingerprints: Sequence[str]) -> int:
    """@return: how many of these the account had."""
    query = "DELETE FROM certificate WHERE account = %s AND fingerprint = ANY (%s)"
    return await change(db, query, (account, list(fingerprints)))

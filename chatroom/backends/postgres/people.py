"""
Accounts, sessions and read markers: their SQL.

It knows the tables of schema/ and the records, and nothing of connections, rooms or what a password is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.errors import storable
from chatroom.backends.postgres.talk import change, rows
from chatroom.events import ServerRole
from chatroom.records import Account, Token

# Accounts.

ACCOUNT = "SELECT name, key, password, created, ignored, role, disabled, zone, bot FROM account"


async def add_account(db: Database, account: Account) -> bool:
    """@return: False if there is one of that key."""
    a, ignored = account, json.dumps(account.ignored)
    values = (a.key, a.name, a.password, a.created, ignored, a.role.name.lower(), a.disabled, a.zone, a.bot)
    made = await change(
        db,
        """
        INSERT INTO account (key, name, password, created, ignored, role, disabled, zone, bot)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
        """,
        values,
    )
    return made > 0


async def account(db: Database, key: str) -> Account | None:
    """The account of this key."""
    if not storable(key):
        return None
    found = await rows(db, f"{ACCOUNT} WHERE key = %s", (key,))
    return account_of(found[0]) if found else None


def account_of(row: tuple[Any, ...]) -> Account:
    """The account in a row of L{ACCOUNT}."""
    name, key, password, created, ignored, role, disabled, zone, bot = row
    ignores = tuple(json.loads(ignored))
    return Account(name, key, password, created, ignores, ServerRole[role.upper()], disabled, zone, bot)


async def change_account(
    db: Database,
    key: str,
    name: str | None,
    password: str | None,
    ignored: Sequence[str] | None,
    zone: str | None,
    bot: bool | None,
    instead_of: str | None,
) -> bool:
    """See L{IBackend.change_account<chatroom.interfaces.IBackend>}."""
    if not storable(key, instead_of):
        return False
    changed = await change(
        db,
        """
        UPDATE account SET
            name = coalesce(%(name)s, name),
            password = coalesce(%(password)s, password),
            ignored = coalesce(%(ignored)s, ignored),
            zone = coalesce(%(zone)s, zone),
            bot = coalesce(%(bot)s, bot)
        WHERE key = %(key)s AND password = coalesce(%(instead_of)s, password)
        """,
        {
            "key": key,
            "name": name,
            "password": password,
            "ignored": None if ignored is None else json.dumps(list(ignored)),
            "zone": zone,
            "bot": bot,
            "instead_of": instead_of,
        },
    )
    return changed > 0


async def accounts(db: Database, after: str, limit: int) -> Sequence[Account]:
    """Some accounts, by key."""
    found = await rows(db, f"{ACCOUNT} WHERE key > %s ORDER BY key LIMIT %s", (after, limit))
    return [account_of(row) for row in found]


async def drop_account(db: Database, key: str) -> bool:
    """An account with its sessions, its certificates, its inbox and its read markers. False: there is none."""
    async with db.transaction():
        there = await change(db, "DELETE FROM account WHERE key = %s", (key,)) > 0
        for table in ("token", "certificate", "mail", "mark"):
            await change(db, f"DELETE FROM {table} WHERE account = %s", (key,))
    return there


# Sessions.

_TOKEN = "SELECT digest, account, created, used, expires, label, kept, service FROM token"


async def add_token(db: Database, token: Token, keep: int) -> Sequence[Token]:
    """Add a session; those of the account beyond C{keep} are dropped, and returned."""
    async with db.transaction():
        await lock(db, "token", token.account)
        t = token
        await change(
            db,
            """
            INSERT INTO token (digest, account, created, used, expires, label, kept, service)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (digest) DO UPDATE SET used = excluded.used, expires = excluded.expires, kept = excluded.kept
            """,
            (t.digest, t.account, t.created, t.used, t.expires, t.label, t.kept, t.service),
        )
        alike = [each for each in await tokens(db, token.account) if each.sort == token.sort]
        dropped = [each for each in alike if each.digest != token.digest][keep - 1 :]
        await drop_tokens(db, [each.digest for each in dropped])
    return dropped


async def lock(db: Database, what: str, key: str) -> None:
    """Until the transaction ends, no other node does this to the same thing."""
    await rows(db, "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{what} {key}",))


async def token(db: Database, digest: str) -> Token | None:
    """The session of this digest."""
    found = await rows(db, f"{_TOKEN} WHERE digest = %s", (digest,)) if storable(digest) else []
    return Token(*found[0]) if found else None


async def use_token(db: Database, digest: str, used: float, expires: float) -> None:
    """Note a use of a session, if it is there."""
    await change(db, "UPDATE token SET used = %s, expires = %s WHERE digest = %s", (used, expires, digest))


async def shorten_tokens(db: Database, digests: Sequence[str] | None, expires: float) -> None:
    """Let sessions that are not kept expire then: these, or all that would expire later."""
    if digests is None:
        values: Any = {"expires": expires}
        await change(
            db, "UPDATE token SET expires = %(expires)s WHERE NOT kept AND expires > %(expires)s::float8", values
        )
    else:
        values = expires, list(digests)
        await change(db, "UPDATE token SET expires = %s WHERE NOT kept AND digest = ANY (%s)", values)


async def tokens(db: Database, account: str) -> Sequence[Token]:
    """Sessions of an account, latest use first."""
    found = await rows(db, f"{_TOKEN} WHERE account = %s ORDER BY used DESC, id DESC", (account,))
    return [Token(*row) for row in found]


async def drop_tokens(db: Database, digests: Sequence[str]) -> int:
    """@return: how many there were."""
    return await change(db, "DELETE FROM token WHERE digest = ANY (%s)", (list(digests),))


# Read markers.


async def mark(db: Database, account: str, marks: Mapping[str, int]) -> None:
    """Note how far somebody has read; never moves back."""
    rooms = sorted(marks)  # in one order, or two nodes could wait for each other
    await change(
        db,
        """
        INSERT INTO mark (account, room, seq)
        SELECT %s, room, seq FROM unnest(%s::text[], %s::bigint[]) AS read (room, seq)
        ON CONFLICT (account, room) DO UPDATE SET seq = greatest(mark.seq, excluded.seq)
        """,
        (account, rooms, [marks[room] for room in rooms]),
    )


async def marks(db: Database, account: str) -> Mapping[str, int]:
    """How far somebody has read, by room."""
    return dict(await rows(db, "SELECT room, seq FROM mark WHERE account = %s", (account,)))

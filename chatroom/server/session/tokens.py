"""
Sessions that can be resumed: how one begins, and until when it lives.

It knows a connection's address and the backend, and not what anybody may do with a session.
"""

from __future__ import annotations

import secrets

from chatroom.core.accounts import DAY, ENDLESS, digest, service_name
from chatroom.core.names import fold
from chatroom.errors import LimitReached, NotAllowed, counted
from chatroom.records import Token
from chatroom.server.services import Services
from chatroom.server.session.base import SessionBase


async def new_session(caller: SessionBase, account: str, keep: bool) -> str:
    """
    Begin a session of this account.

    @param keep: it lives on without this connection.
    @return: the token, which is shown once and kept nowhere.
    @raise NotKept:
    """
    token, limits = secrets.token_urlsafe(24), caller.services.limits
    used, expires = await token_times(caller, account)
    session = Token(digest(token), account, caller.now(), used, expires, caller.address, keep)
    await caller.services.backend.add_token(session, limits.sessions_per_account)
    return token


async def new_program_session(services: Services, account: str, name: str, label: str, owner: str = "") -> str:
    """
    Begin a session of this account for a program, which lasts until it is revoked.

    @param name: of the session. @param label: the address from which it is begun.
    @param owner: the name of the account; C{""}: it is its owner who reads what is refused.
    @return: the token, which is shown once and kept nowhere.
    @raise Unlawful: @raise NotAllowed: there is one of this name. @raise LimitReached: @raise NotKept:
    """
    name, most = service_name(name), services.limits.sessions_per_account
    others = [each for each in await services.backend.tokens(account) if each.service]
    if any(fold(each.service) == fold(name) for each in others):
        have = f"{owner} already has" if owner else "You already have"
        revoke = f"chatroom-admin tokens revoke {owner}" if owner else "/session revoke"
        raise NotAllowed(f"{have} a session called {name}. To replace it: {revoke} {name}")
    if len(others) >= most:
        have = f"{owner} has" if owner else "You have"
        raise LimitReached(f"{have} {counted(len(others), 'session')} for programs; that is the limit.", most=most)
    token, now = secrets.token_urlsafe(24), services.now()
    session = Token(digest(token), account, now, now, ENDLESS, label, True, name)
    await services.backend.add_token(session, most)
    return token


async def token_times(caller: SessionBase, account: str, session: Token | None = None) -> tuple[float, float]:
    """
    When a session was used and will expire, if it is used now. A clock that was set back ends none early, and
    makes none look older than those that were used before; what a clock that was ahead has written counts for
    nothing once it is beyond what could be.

    @return: both in seconds since 1970.
    """
    now, life = caller.now(), caller.services.limits.session_days * DAY
    others = await caller.services.backend.tokens(account)
    newest = max((each.used for each in others if each.used <= now + life), default=0.0)
    used = now if now >= newest else newest + 0.001
    expires = now + life
    if session is not None and expires < session.expires <= expires + life:
        expires = session.expires
    return used, expires

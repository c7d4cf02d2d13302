"""
Order on the whole server: who keeps it, and who may make somebody keep it.

It knows people and their roles, and nothing of rooms, connections or how a role is kept.
"""

from __future__ import annotations

from chatroom.core.presence import Presence
from chatroom.errors import NotAllowed
from chatroom.events import ServerRole
from chatroom.records import SHELL, is_shell

GIVING = "give or remove roles"
"""A wish of admins alone, as the beginning of a sentence."""


def shell(name: str = SHELL) -> Presence:
    """
    Who runs the server, and acts by C{chatroom-admin}: above every admin, and not on line.

    @param name: as in the audit log.
    """
    return Presence(name, True, "", 0.0, staff=ServerRole.ADMIN)


def rank(who: Presence) -> int:
    """Who acts against whom: on those whose L{ServerRole} is below this."""
    return who.staff + is_shell(who.nick)


def check_is(who: Presence, least: ServerRole, what: str) -> None:
    """
    @param what: the wish, as the beginning of a sentence.
    @raise NotAllowed: this is not for them.
    """
    if who.staff < least:
        raise NotAllowed(f"Only server {least.name.lower()}s can {what}. /staff lists them.")


def check_may_give(actor: Presence, target: str, has: ServerRole) -> None:
    """
    Whether somebody may change the role of the account with the key C{target}, which is C{has} now. Nobody acts
    against an equal; where admins fall out, the shell decides.

    @raise NotAllowed:
    """
    check_is(actor, ServerRole.ADMIN, GIVING)
    if has >= rank(actor) and target != actor.key:
        raise NotAllowed("You cannot remove another admin. The operator can, with chatroom-admin.")

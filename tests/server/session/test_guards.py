"""
Every wish of L{ICaller}, asked for directly and by no command, is for the same people as the command that makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutine
from typing import Any, NamedTuple

from chatroom.errors import NeedsAccount, NoSuchRoom, NotAllowed, NotInRoom, NotRegistered, Refused
from chatroom.events import FOREVER, MEMBERS, Role, ServerRole
from chatroom.interfaces import ICaller, ISession, Receipt, Standing, interface
from tests.server.session.people import COMMANDS, PASSWORD, CallerTestCase, Somebody

Wish = Callable[[ISession], Any]

TURNED_AWAY = (NotRegistered, NeedsAccount, NotAllowed, NotInRoom, NoSuchRoom)
"""How somebody is refused because of who they are."""


def whispered(caller: ICaller) -> Receipt:
    """Of a whisper to somebody who is on line."""
    receipt = caller.whisper_now("target", "psst")
    assert receipt is not None
    return receipt


WISHES: dict[str, tuple[str, Wish]] = {
    "audit": ("audit", lambda caller: caller.audit()),
    "addresses": ("gban", lambda caller: caller.addresses("target")),
    "add_certificate": ("cert", lambda caller: caller.add_certificate("ab" * 32)),
    "certificates": ("cert", lambda caller: caller.certificates()),
    "remove_certificate": ("cert", lambda caller: caller.remove_certificate("all")),
    "borrow_role": ("oper", lambda caller: caller.borrow_role("nobody", PASSWORD)),
    "return_role": ("unoper", lambda caller: caller.return_role()),
    "tell_staff": ("wallops", lambda caller: caller.tell_staff("hello")),
    "ban": ("ban", lambda caller: caller.ban("target", FOREVER, "", "den")),
    "bans": ("bans", lambda caller: caller.bans("den")),
    "check_may_talk": ("say", lambda caller: caller.check_may_talk("den")),
    "close_report": ("reports", lambda caller: caller.close_report(1)),
    "close_room": ("close", lambda caller: caller.close_room("den")),
    "create": ("create", lambda caller: caller.create("attic")),
    "history": ("history", lambda caller: caller.history("den")),
    "ignore": ("ignore", lambda caller: caller.ignore("target")),
    "inbox": ("inbox", lambda caller: caller.inbox()),
    "invite": ("invite", lambda caller: caller.invite("friend", "den")),
    "join": ("join", lambda caller: caller.join("den")),
    "create_session": ("session", lambda caller: caller.create_session("build")),
    "keep_session": ("session", lambda caller: caller.keep_session()),
    "kick": ("kick", lambda caller: caller.kick("target", "", "den")),
    "leave": ("leave", lambda caller: caller.leave("den")),
    "leave_whisper": ("msg", lambda caller: caller.leave_whisper(whispered(caller))),
    "lock": ("lock", lambda caller: caller.lock(FOREVER, "", "den")),
    "logout": ("logout", lambda caller: caller.logout()),
    "look": ("look", lambda caller: caller.look("lobby")),
    "missed": ("missed", lambda caller: caller.missed("den")),
    "mute": ("mute", lambda caller: caller.mute("target", FOREVER, "", "den")),
    "note": ("audit", lambda caller: caller.note("look", "den")),
    "number_at": ("history", lambda caller: caller.number_at(0.0, "den")),
    "mark_read": ("missed", lambda caller: caller.mark_read("den", 1)),
    "read_until": ("missed", lambda caller: caller.read_until("den")),
    "mark_bot": ("bot", lambda caller: caller.mark_bot(True)),
    "other_nodes": ("gban", lambda caller: caller.other_nodes("target")),
    "passwd": ("passwd", lambda caller: caller.passwd(PASSWORD, PASSWORD + "!")),
    "rename": ("nick", lambda caller: caller.rename((caller.nick or "nobody").upper())),
    "report": ("report", lambda caller: caller.report("target", "rude")),
    "reports": ("reports", lambda caller: caller.reports()),
    "revoke": ("session", lambda caller: caller.revoke("all")),
    "rooms_with": ("rooms", lambda caller: caller.rooms_with("target")),
    "say": ("say", lambda caller: caller.say("hello", "den")),
    "search": ("search", lambda caller: caller.search("hello")),
    "server_ban": ("gban", lambda caller: caller.server_ban("target", FOREVER)),
    "server_bans": ("gbans", lambda caller: caller.server_bans()),
    "server_kick": ("gkick", lambda caller: caller.server_kick("target")),
    "server_mute": ("gmute", lambda caller: caller.server_mute("target", FOREVER)),
    "server_role": ("whoami", lambda caller: caller.server_role()),
    "server_unban": ("gunban", lambda caller: caller.server_unban("target")),
    "server_unmute": ("gunmute", lambda caller: caller.server_unmute("target")),
    "sessions": ("session", lambda caller: caller.sessions()),
    "set_away": ("away", lambda caller: caller.set_away("lunch")),
    "set_invite_only": ("private", lambda caller: caller.set_invite_only(True, "den")),
    "set_lockdown": ("lockdown", lambda caller: caller.set_lockdown("guests", FOREVER)),
    "set_password": ("password", lambda caller: caller.set_password("open sesame", "den")),
    "set_role": ("op", lambda caller: caller.set_role("target", Role.OPERATOR, "den")),
    "set_server_role": ("promote", lambda caller: caller.set_server_role("nobody", ServerRole.MODERATOR)),
    "admitted": ("admitted", lambda caller: caller.admitted("den")),
    "set_admitted": ("admit", lambda caller: caller.set_admitted("target", True, "den")),
    "set_capacity": ("capacity", lambda caller: caller.set_capacity(5, "den")),
    "set_moderated": ("moderated", lambda caller: caller.set_moderated(True, "den")),
    "set_slow": ("slow", lambda caller: caller.set_slow(5, "den")),
    "set_unlisted": ("unlisted", lambda caller: caller.set_unlisted(True, "den")),
    "set_voice": ("voice", lambda caller: caller.set_voice("target", True, "den")),
    "set_topic": ("topic", lambda caller: caller.set_topic("tea", "den")),
    "set_topic_by": ("opentopic", lambda caller: caller.set_topic_by(MEMBERS, "den")),
    "set_zone": ("zone", lambda caller: caller.set_zone("Europe/Rome")),
    "signup": ("signup", lambda caller: caller.signup(PASSWORD)),
    "tell_operators": ("tellops", lambda caller: caller.tell_operators("help", "den")),
    "unban": ("unban", lambda caller: caller.unban("target", "den")),
    "unignore": ("ignore", lambda caller: caller.unignore("target")),
    "unlock": ("unlock", lambda caller: caller.unlock("den")),
    "unmute": ("unmute", lambda caller: caller.unmute("target", "den")),
    "view": ("topic", lambda caller: caller.view("den")),
    "whisper": ("msg", lambda caller: caller.whisper("target", "psst")),
    "whisper_now": ("msg", lambda caller: caller.whisper_now("target", "psst")),
}
"""By method: the command that makes this wish, and the wish itself, about the den or somebody in it."""

FREE = frozenset(
    """
    do state gone quit now tell command commands register login resume ignore_again
    prove prove_certificate check_nick make_account arrive departed barrier called_now holds_on_me invitations
    lockdown
    people people_after person person_now rooms_matching rooms_open
    staff_of_the_server
    """.split()
)
"""What anybody may ask: it is about this connection alone, or about what everybody may read."""

STRICTER = frozenset(["signup", "rename", "set_topic", "return_role"])
"""
Wishes that are refused to some of those their command is for: an account has signed up, and cannot take another name;
operators may keep the topic to themselves; a role that nobody lent cannot be returned.
"""


class Kind(NamedTuple):
    """What somebody is: without a nickname, a guest or an account; in the den; and on the server."""

    standing: Standing
    role: Role = Role.NOBODY
    staff: ServerRole = ServerRole.NONE


KINDS = {
    "stranger": Kind(Standing.ANYBODY),
    "outsider": Kind(Standing.GUEST),
    "member": Kind(Standing.GUEST, Role.MEMBER),
    "operator": Kind(Standing.GUEST, Role.OPERATOR),
    "owner": Kind(Standing.GUEST, Role.OWNER),
    "account": Kind(Standing.ACCOUNT),
    "moderator": Kind(Standing.ACCOUNT, staff=ServerRole.MODERATOR),
    "admin": Kind(Standing.ACCOUNT, staff=ServerRole.ADMIN),
}
AS_STAFF = {ServerRole.NONE: Role.NOBODY, ServerRole.MODERATOR: Role.OPERATOR, ServerRole.ADMIN: Role.OWNER}


class DirectWishTests(CallerTestCase):
    """A door that asks for something without the command's guards in front of it meets guards all the same."""

    def the(self, kind: str) -> Somebody:
        """Somebody of this kind, in a server where anna owns the den, and target and friend are guests in it."""
        self.setUp()
        anna, target, friend = self.guest("anna"), self.guest("target"), self.guest("friend")
        anna.gets(anna.caller.create("den"))
        target.gets(target.caller.join("den"))
        friend.gets(friend.caller.whisper("target", "hello"))
        what = KINDS[kind]
        if what.standing is Standing.ANYBODY:
            return self.somebody()
        name = f"the{kind}"
        somebody = self.guest(name) if what.standing is Standing.GUEST else self.account(name)
        if what.role:
            somebody.gets(somebody.caller.join("den"))
        if what.role > Role.MEMBER:
            anna.gets(anna.caller.set_role(name, what.role, "den"))
        if what.staff:
            self.server.promote(name, what.staff)
            somebody.gets(somebody.caller.server_role())
        return somebody

    def is_turned_away(self, who: Somebody, wish: Wish) -> bool:
        """Whether a wish is refused because of who makes it."""
        try:
            outcome = wish(who.caller)
            if iscoroutine(outcome):
                who.gets(outcome)
        except TURNED_AWAY:
            return True
        except Refused:
            return False
        self.server.settle()
        return False

    def test_every_method_is_held(self) -> None:
        """No method of the interface is forgotten: each has a row here, or may be asked for by anybody."""
        methods = {
            name for name, each in interface(ISession).namesAndDescriptions(all=True) if hasattr(each, "positional")
        }
        self.assertEqual(methods, WISHES.keys() | FREE)
        self.assertEqual(set(), WISHES.keys() & FREE)

    def test_each_wish_is_for_whom_its_command_is_for(self) -> None:
        """Standing, role in the room and role on the server mean the same to the method as to the command."""
        wrong = []
        for method, (word, wish) in WISHES.items():
            command = COMMANDS[word]
            for kind, what in KINDS.items():
                power = max(what.role, AS_STAFF[what.staff])
                meant = what.standing >= command.standing and what.staff >= command.staff
                if command.role <= Role.MEMBER:  # to be there is asked of staff as well
                    meant = meant and what.role >= command.role
                else:
                    meant = meant and power >= command.role
                away = self.is_turned_away(self.the(kind), wish)
                if meant == away and not (away and method in STRICTER):
                    wrong.append(f"{method} by {kind}: /{word} is {'' if meant else 'not '}for them")
        self.assertEqual([], wrong, "\n" + "\n".join(wrong))

"""
Every limit of the server in one table: its number, its unit, and what it protects.

The command line options, the table in docs/operations.rst and the tests are made from these
fields, so a limit cannot exist without them. This module knows no other module.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any

OFF = 0
"""The value that lifts those limits that may be lifted; C{off} on the command line."""


def _limit(
    default: int | float, help: str, *, least: int | float = 1, most: float = 1e12, off: bool = False, live: bool = True
) -> Any:
    """
    A field of L{Limits}.

    @param least: the smallest lawful value. @param most: the greatest.
    @param off: whether L{OFF} is lawful and lifts the limit.
    @param live: it can become another while people are here. Then whoever goes by it reads it each time, and keeps no
        copy for longer than a connection lives.
    """
    return field(default=default, metadata={"help": help, "least": least, "most": most, "off": off, "live": live})


@dataclass(frozen=True)
class Limits:
    """
    All limits. A field C{line_length} is the option C{--line-length}.

    A server has one such object, and all its parts go by it. Nobody sets a field; an operator who wants other numbers
    while people are here has L{become} called, in one place.
    """

    # What one may say.
    line_length: int = _limit(4096, "bytes in one line, its end not counted", least=64)
    text_length: int = _limit(2000, "characters in one message", least=16)
    message_lines: int = _limit(50, "lines in one message of several lines (JSON and browsers)")
    json_length: int = _limit(16384, "bytes in one JSON request", least=256, live=False)
    nick_length: int = _limit(24, "characters in a nickname", least=2, most=64)
    room_length: int = _limit(32, "characters in a room name", least=2, most=64)
    topic_length: int = _limit(300, "characters in a topic", least=16)
    talk_burst: int = _limit(30, "lines one connection may send at once before it is slowed down")
    talk_rate: float = _limit(
        5.0, "lines a second after that; the reader is paused, nothing is lost", least=0.1, off=True
    )
    talk_bytes: int = _limit(
        32 * 1024, "bytes sent to all readers of a message, which cost as much as a line; 256 characters are free"
    )
    work_burst: int = _limit(
        1000, "units of work that the requests of one address may cost at once: 8 KiB of an answer are one"
    )
    work_rate: float = _limit(
        100.0, "units of work a second after that; requests wait in line, and talk does not", least=0.1, off=True
    )

    # Who may connect.
    connections: int = _limit(10000, "connections in all")
    max_per_address: int = _limit(50, "connections per address (IPv6: per /64)", off=True)
    max_per_network: int = _limit(200, "connections per /48 of IPv6, which one party may own whole", off=True)
    new_per_minute: int = _limit(120, "new connections per address and minute", off=True)
    new_per_network: int = _limit(480, "new connections per /48 of IPv6 and minute", off=True)
    backlog: int = _limit(
        1024,
        "connections that may wait, at each port, for the daemon to accept them; the system may allow fewer",
        live=False,
    )
    register_time: int = _limit(60, "seconds to choose a nickname")
    unregistered: int = _limit(1000, "connections without a nickname; when one more comes, the oldest goes", off=True)
    unregistered_per_address: int = _limit(
        20, "the same per address (IPv6: per /48); not while --max-per-address is off", off=True
    )
    requests_per_minute: int = _limit(6000, "requests for the page and its parts per address and minute", off=True)
    idle_time: int = _limit(0, "seconds without a word after which a person is let go", least=60, off=True)
    keepalive_time: int = _limit(90, "seconds of silence after which a sleeping connection is probed", off=True)
    unread_soft: int = _limit(96 * 1024, "unread bytes at which room talk is held back and caught up later", least=4096)
    unread_hard: int = _limit(1024 * 1024, "unread bytes at which a connection is cut", least=8192)
    unread_total: int = _limit(
        128, "unread MiB of all connections together; the worst are cut when there is more", off=True
    )
    unread_time: int = _limit(300, "seconds a connection may go without reading before it is cut")

    # Rooms.
    rooms_per_person: int = _limit(20, "rooms one person may be in at once")
    kept_rooms_per_account: int = _limit(15, "rooms one account may keep without members")
    recent_lines: int = _limit(20, "lines of a room a newcomer is shown; one message is shown whole", least=0)
    slow_seconds: int = _limit(21600, "seconds that slow mode may make people wait between two lines")
    search_length: int = _limit(200, "characters that /search looks for at once", least=16)
    page_lines: int = _limit(50, "lines in one page of /history, /missed and /search")
    page_bytes: int = _limit(
        64 * 1024, "bytes of text in one page of any answer; the rest is on the next page", least=4096
    )
    catch_up_lines: int = _limit(1000, "lines a slow reader is caught up with; more is a gap, said aloud")
    history_days: float = _limit(OFF, "days a line is kept", least=0.01, off=True)
    history_lines: int = _limit(OFF, "lines of talk kept in each room", least=10, off=True)
    history_events: int = _limit(10000, "joins, leaves and the like kept in each room", least=10, off=True)

    stop_time: int = _limit(10, "seconds that a database may take at a stop until all is written")

    # Accounts.
    password_length: int = _limit(8, "characters a new password needs at least", least=1)
    login_tries: int = _limit(
        5, "wrong passwords for one account from one address before that address waits", live=False
    )
    login_tries_per_address: int = _limit(20, "wrong passwords per address before it waits", live=False)
    login_tries_per_account: int = _limit(
        100, "wrong passwords for one account an hour before strange addresses wait", live=False
    )
    login_window: int = _limit(300, "seconds in which wrong passwords are counted", live=False)
    signups_per_address: int = _limit(5, "new accounts per address and hour", off=True, live=False)
    login_queue: int = _limit(400, "logins and sign-ups that may wait for others of their address or account")
    hash_threads: int = _limit(2, "passwords checked at once; each takes --argon2-memory", live=False)
    hash_queue: int = _limit(256, "password checks that may wait for a thread")
    session_days: float = _limit(30.0, "days a session token lives after its last use", least=0.001)
    session_grace: int = _limit(300, "seconds that a session nobody asked to keep lives after its connection", least=0)
    sessions_per_account: int = _limit(
        20, "sessions of one account that somebody asked to keep, and as many others; the oldest goes first"
    )
    inbox_length: int = _limit(100, "unread whispers that wait for one account")
    ignores: int = _limit(100, "people one person may ignore")

    # Order on the server.
    server_bans: int = _limit(5000, "bans and mutes of the whole server")
    ban_prefix_ipv4: int = _limit(16, "bits that a banned IPv4 network must have at least: 16 is 65,536 addresses")
    ban_prefix_ipv6: int = _limit(32, "bits that a banned IPv6 network must have at least: 32 is a whole provider")
    audit_days: float = _limit(365.0, "days an entry of the audit log is kept", least=0.01, off=True)

    reports_per_hour: int = _limit(5, "reports per address and hour", off=True, live=False)
    reports_open: int = _limit(200, "reports that may wait for the staff at once")

    # Room doors' state.
    bans_per_room: int = _limit(500, "bans and mutes in one room")
    invites_per_room: int = _limit(200, "open invitations of one room")

    def become(self, other: Limits) -> list[str]:
        """
        Be as the other from now on, but for what is not C{live}.

        @return: the fields that are others now.
        """
        changed = [
            field.name
            for field in each()
            if field.metadata["live"] and getattr(self, field.name) != getattr(other, field.name)
        ]
        for name in changed:
            object.__setattr__(self, name, getattr(other, name))
        return changed


def each() -> tuple[Field[Any], ...]:
    """Every limit in order: C{name}, C{default}, and C{metadata} with C{help}, C{least}, C{off}, C{live}."""
    return fields(Limits)

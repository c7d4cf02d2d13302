"""
Every limit of the server in one table: its number, its unit, and what it protects.

The command line options, the options pages of the docs and the tests are made from these fields, so a limit cannot
exist without them. This module knows no other module.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any

OFF = 0
"""The value that lifts a limit, where a limit can be lifted; C{off} on the command line."""


def _limit(
    default: int | float,
    help: str,
    *,
    unit: str = "",
    least: int | float = 1,
    most: float = 1e12,
    off: bool = False,
    live: bool = True,
    told: bool = False,
) -> Any:
    """
    A field of L{Limits}.

    @param help: what it limits: a phrase without its unit and without a full stop.
    @param unit: what the number counts: C{bytes}, C{KiB}, C{MiB}, C{seconds}, C{days}, or C{""} for things.
    @param least: the smallest accepted value. @param most: the greatest.
    @param off: whether L{OFF} is accepted and lifts the limit.
    @param live: whether it may change while people are connected. Code that goes by such a limit reads it each time,
        and keeps no copy for longer than a connection lives.
    @param told: whether programs are told it when they log in.
    """
    metadata = {"help": help, "unit": unit, "least": least, "most": most, "off": off, "live": live, "told": told}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Limits:
    """
    All limits. A field C{line_length} is the option C{--line-length}.

    A server has one such object, and all its parts read it. No part sets a field. L{become} alone changes the numbers,
    when an operator reloads the settings.
    """

    # What a person may send.
    line_length: int = _limit(4096, "size of one line, without its line end", unit="bytes", least=64)
    text_length: int = _limit(2000, "characters in one message", least=16, told=True)
    message_lines: int = _limit(50, "lines in one message (JSON and web page)", told=True)
    json_length: int = _limit(16384, "size of one JSON request", unit="bytes", least=256, live=False, told=True)
    nonce_length: int = _limit(
        64, "size of the nonce of one message: what a program calls it", unit="bytes", least=8, most=256, told=True
    )
    nick_length: int = _limit(24, "characters in a nickname", least=2, most=64, told=True)
    room_length: int = _limit(32, "characters in a room name", least=2, most=64, told=True)
    topic_length: int = _limit(300, "characters in a topic", least=16, told=True)
    talk_burst: int = _limit(30, "lines one connection may send at once before it is slowed down", told=True)
    talk_rate: float = _limit(
        5.0, "lines per second after that burst; slowing down loses no line", least=0.1, off=True, told=True
    )
    typing_rate: int = _limit(
        4096,
        "size of what one person may type per second in telnet; slowing down loses no key",
        unit="bytes",
        least=256,
    )
    talk_bytes: int = _limit(
        32 * 1024,
        "size, over all its readers, at which a message counts as one more line; not for up to 256 characters",
        unit="bytes",
    )
    command_timeout: float = _limit(
        30.0, "time a command of a plugin may take before it is stopped", unit="seconds", least=0.1, off=True
    )
    command_hold: float = _limit(
        1.0, "time a command of a plugin may hold up what its caller types next", unit="seconds", least=0.01
    )
    running_commands: int = _limit(4, "commands of plugins that one connection may have running beyond that time")
    answer_bytes: int = _limit(256 * 1024, "size of one answer of a plugin's command", unit="bytes", least=4096)
    work_burst: int = _limit(1000, "units of work one address may request at once; 8 KiB of an answer cost one unit")
    work_rate: float = _limit(
        100.0, "units of work per second after that burst; further requests wait, talk does not", least=0.1, off=True
    )

    # Who may connect.
    connections: int = _limit(10000, "total connections")
    max_per_address: int = _limit(50, "connections per address (IPv6: per /64)", off=True)
    max_per_network: int = _limit(200, "connections per IPv6 /48, a whole site", off=True)
    new_per_minute: int = _limit(120, "new connections per address and minute", off=True)
    new_per_network: int = _limit(480, "new connections per IPv6 /48 and minute", off=True)
    backlog: int = _limit(
        1024, "connections that may wait at each port to be accepted; the system may allow fewer", live=False
    )
    register_time: int = _limit(60, "time to choose a nickname", unit="seconds")
    unregistered: int = _limit(1000, "connections without a nickname; beyond that the oldest is dropped", off=True)
    unregistered_per_address: int = _limit(
        20,
        "connections without a nickname per address (IPv6: per /48); not applied while --max-per-address is off",
        off=True,
    )
    requests_per_minute: int = _limit(6000, "HTTP requests per address and minute", off=True)
    idle_time: int = _limit(
        0, "idle time after which a person is disconnected", unit="seconds", least=60, off=True, told=True
    )
    keepalive_time: int = _limit(
        90, "silence after which the server checks whether a connection is alive", unit="seconds", off=True
    )
    unread_soft: int = _limit(
        96 * 1024, "unread output at which room messages are held back, to be sent later", unit="bytes", least=4096
    )
    unread_hard: int = _limit(1024 * 1024, "unread output at which a connection is dropped", unit="bytes", least=8192)
    unread_total: int = _limit(
        128, "unread output of all connections together; beyond that the largest are dropped", unit="MiB", off=True
    )
    unread_time: int = _limit(300, "time a connection may go without reading before it is dropped", unit="seconds")

    # Rooms.
    rooms_per_person: int = _limit(20, "rooms one person may be in at once", told=True)
    kept_rooms_per_account: int = _limit(15, "empty rooms one account may keep")
    recent_lines: int = _limit(20, "lines of history shown to a person who joins; a message is never cut", least=0)
    slow_seconds: int = _limit(21600, "longest pause that slow mode may set", unit="seconds")
    search_length: int = _limit(200, "characters in one search", least=16, told=True)
    page_lines: int = _limit(50, "lines in one page of /history, /missed and /search", told=True)
    page_bytes: int = _limit(
        64 * 1024, "size of one page of any answer; the rest is on the next page", unit="bytes", least=4096, told=True
    )
    catch_up_lines: int = _limit(1000, "missed lines sent later to a slow reader; beyond that a gap is reported")
    history_days: float = _limit(OFF, "age at which history is deleted", unit="days", least=0.01, off=True)
    history_lines: int = _limit(OFF, "messages kept in each room", least=10, off=True)
    history_events: int = _limit(10000, "joins, leaves and other events kept in each room", least=10, off=True)

    motd_lines: int = _limit(40, "lines of the welcome text of --motd")
    motd_bytes: int = _limit(4096, "size of the welcome text of --motd", unit="bytes")

    patience: int = _limit(
        30,
        "time a message waits for a database that does not answer; after that it is refused",
        unit="seconds",
        least=2,
        live=False,
    )
    unsaved_lines: int = _limit(10000, "messages that may wait to be saved; further ones are refused", least=100)
    lease: int = _limit(
        6, "time after which the other daemons take this one for lost", unit="seconds", least=3, live=False
    )
    stop_time: int = _limit(10, "time the database may take to finish when the server stops", unit="seconds")

    # Accounts.
    password_length: int = _limit(8, "minimum characters in a new password", least=1, told=True)
    login_tries: int = _limit(
        5, "wrong passwords for one account from one address before that address is throttled", live=False
    )
    login_tries_per_address: int = _limit(20, "wrong passwords per address before it is throttled", live=False)
    login_tries_per_account: int = _limit(
        100, "wrong passwords per account and hour before unknown addresses are throttled", live=False
    )
    login_window: int = _limit(300, "time over which wrong passwords are counted", unit="seconds", live=False)
    signups_per_address: int = _limit(5, "new accounts per address and hour", off=True, live=False)
    login_queue: int = _limit(400, "logins and sign-ups that may wait behind others for the same address or account")
    hash_threads: int = _limit(2, "passwords checked at once; each takes --argon2-memory", live=False)
    hash_queue: int = _limit(256, "password checks that may wait for a thread")
    session_days: float = _limit(30.0, "time after which an unused session token expires", unit="days", least=0.001)
    session_grace: int = _limit(300, "time an unsaved session outlives its connection", unit="seconds", least=0)
    sessions_per_account: int = _limit(
        20, "saved sessions per account, and as many unsaved ones; beyond that the oldest ends"
    )
    certificates_per_account: int = _limit(5, "certificates that may log in to one account")
    inbox_length: int = _limit(100, "unread whispers kept for one account")
    ignores: int = _limit(100, "people one person may ignore")

    # Order on the server.
    server_bans: int = _limit(5000, "maximum bans and mutes of the whole server")
    ban_prefix_ipv4: int = _limit(16, "shortest prefix of a banned IPv4 network; 16 is 65,536 addresses")
    ban_prefix_ipv6: int = _limit(32, "shortest prefix of a banned IPv6 network; 32 is a whole provider")
    audit_days: float = _limit(365.0, "age at which audit log entries are deleted", unit="days", least=0.01, off=True)

    reports_per_hour: int = _limit(5, "reports per address and hour", off=True, live=False)
    reports_open: int = _limit(200, "maximum open reports")

    # Plugins.
    plugin_time: int = _limit(5, "time a plugin may take to start, to stop, or to hear of one event", unit="seconds")
    plugin_page: int = _limit(256 * 1024, "size of one page of a plugin", unit="bytes", least=1024)
    plugin_keys: int = _limit(1000, "values that one plugin may store")
    plugin_value: int = _limit(8192, "size of one value that a plugin stores, as JSON", unit="bytes", least=64)

    # What a room keeps.
    bans_per_room: int = _limit(500, "maximum bans and mutes in one room")
    invites_per_room: int = _limit(200, "maximum open invitations to one room")

    def told(self) -> dict[str, int | float]:
        """The numbers that a program goes by, by the names of the fields; 0: there is no such limit."""
        return {field.name: getattr(self, field.name) for field in each() if field.metadata["told"]}

    def become(self, other: Limits) -> list[str]:
        """
        Take over the numbers of the other, except those that are not C{live}.

        @return: the fields that have changed.
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
    """Every limit in order: C{name}, C{default}, and C{metadata} with what L{_limit} takes."""
    return fields(Limits)

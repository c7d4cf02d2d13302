"""
How a PostgreSQL is connected to, and whether a server of several daemons can stand on it.

It knows what may be said in a URL, and which settings of a server would lose what was said.
"""

from __future__ import annotations

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from twisted.logger import Logger

from chatroom.backends.address import check_has_no_password, shown
from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.talk import rows
from chatroom.errors import Refused, with_full_stop

log = Logger()

OLDEST = 15
"""The oldest PostgreSQL that it runs on."""

MIXED_UP = ("42P05", "26000")
"""SQLSTATEs of a prepared statement that is there twice, or not at all: a pool gives one connection to several."""

_DEFAULTS = {
    "client_encoding": "utf8",
    "target_session_attrs": "read-write",
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",
}
"""So that a server that is gone is noticed within seconds; what the URL says comes first."""


def conninfo_of(url: str, name: str) -> str:
    """
    What libpq connects by.

    @param name: what PostgreSQL's list of connections shows.
    @raise Refused: it is no such URL, or holds a password.
    """
    try:
        check_has_no_password(url)
        params = conninfo_to_dict(url)
    except psycopg.Error as error:
        raise Refused(f"{shown(url)} is not a URL of PostgreSQL: {str(error).strip()}.") from None
    except ValueError as error:
        raise Refused(with_full_stop(error)) from None
    return make_conninfo("", **{**_DEFAULTS, "application_name": f"chatroom {name}".strip(), **params})


async def check(db: Database, url: str) -> None:
    """
    Whether what is acknowledged would be there after a crash, and this node would hear the others.

    @raise Refused: one of it is not so: a sentence.
    """
    where = f"The database {shown(url)}"
    ((number, version, encoding, fsync, commit, standbys),) = await rows(
        db,
        """
        SELECT current_setting('server_version_num')::integer, current_setting('server_version'),
            current_setting('server_encoding'), current_setting('fsync'), current_setting('synchronous_commit'),
            current_setting('synchronous_standby_names')
        """,
    )
    if number < OLDEST * 10000:
        raise Refused(f"{where} runs on PostgreSQL {version}, but chatroom needs PostgreSQL {OLDEST} or later.")
    if encoding != "UTF8":
        raise Refused(f"{where} has the encoding {encoding}, but chatroom needs UTF8. Create a database with UTF8.")
    if fsync != "on":
        raise Refused(f"{where} has fsync = off: a crash could lose all data. Set fsync = on in postgresql.conf.")
    if commit == "off":
        raise Refused(
            f"{where} has synchronous_commit = off: a crash would lose lines that people have read. "
            "Set synchronous_commit = on."
        )
    if not standbys:
        log.warn(
            "{where} has no synchronous standby: if its machine is lost, so are the lines that were said last. "
            "See synchronous_standby_names.",
            where=where,
        )


def check_is_direct(url: str, heard: bool) -> None:
    """
    Whether what one connection notifies reaches another one.

    @param heard: whether it did. @raise Refused: it did not.
    """
    if not heard:
        raise Refused(
            f"The database {shown(url)} is behind a pool of connections, such as PgBouncer in transaction mode: "
            "this server would not hear the other ones. Connect to PostgreSQL itself."
        )

"""
What C{chatroom-admin} does with files: certificates, copies of the database, and a new version in the daemon's place.

Each function takes the options of its word and gives what is to be written. None of them asks a server for anything.
"""

from __future__ import annotations

import argparse
from datetime import datetime, timezone
from pathlib import Path

from chatroom.admin.backup import back_up, restore, shrink
from chatroom.admin.moving import move
from chatroom.admin.nodes import rows, survey
from chatroom.admin.target import Daemon, DataPlace, NoDaemon, place_of, reach
from chatroom.admin.upgrade import folder_of, upgrade
from chatroom.admin.words import in_json, table
from chatroom.backends.address import is_shared

INSTEAD = {
    "backup": "this server is in PostgreSQL. Back it up with: pg_dump --format=custom --file=FILE '{url}'",
    "put_back": "this server is in PostgreSQL. Restore into an empty database with: pg_restore --dbname='{url}' FILE",
}
"""What does it where the data is in PostgreSQL, by the function of the word."""


def cert(options: argparse.Namespace) -> str:
    """Do what C{cert} says; what there is to say about it."""
    try:
        from chatroom.admin.cert import make_pair, write_pair
    except ModuleNotFoundError as error:
        if error.name != "cryptography":
            raise
        raise ValueError("this needs more packages. Try: pip install 'chatroom[tls]'") from None
    names = options.name or ["localhost", "127.0.0.1", "::1"]
    certificate, key = make_pair(names, datetime.now(timezone.utc), options.days)
    write_pair(options.folder, certificate, key)
    return f"Made for {', '.join(names)}. Try: twistd -n chatroom --tls {options.folder}"


def place_named(options: argparse.Namespace) -> DataPlace:
    """The server that is meant; of old, its data folder could be named without C{--data}."""
    if options.folder is not None and (options.data or options.config):
        options.misunderstood(f"name the folder once: {options.folder}, or the option")
    return place_of(options.data or options.folder, options.config, None)


def data(options: argparse.Namespace) -> Path:
    """The data folder that is meant."""
    place = place_named(options)
    if is_shared(place.backend):
        raise ValueError(INSTEAD[options.run.__name__].format(url=place.backend))
    return place.data


def backup(options: argparse.Namespace) -> str:
    """Do what C{backup} says."""
    size = back_up(data(options), options.copy)
    return f"{options.copy} is a complete copy of {size:,} bytes."


def put_back(options: argparse.Namespace) -> str:
    """Do what C{restore} says."""
    folder = data(options)
    version = restore(options.copy, folder)
    return f"{folder} has the restored database, version {version}. It must belong to the daemon's user."


def import_server(options: argparse.Namespace) -> str:
    """Do what C{import} says."""
    counts = move(options.file, options.url)
    what = f"{counts['room']:,} rooms, {counts['talk']:,} messages and {counts['account']:,} accounts"
    return f"Imported {what}. Start daemons with --backend {options.url}"


def list_nodes(options: argparse.Namespace) -> str:
    """Do what C{nodes} says."""
    found = survey(options.url or place_of(options.data, options.config, None).backend)
    if options.json:
        return in_json([each._asdict() for each in found])
    return table(rows(found)) if found else "There are no daemons."


def vacuum(options: argparse.Namespace) -> str:
    """Do what C{vacuum} says: beside a daemon piece by piece, or else the whole file at once."""
    place = place_of(options.data, options.config, None)
    try:
        daemon = Daemon(place)
    except NoDaemon:
        if is_shared(place.backend):
            with reach(place) as server:
                freed = server.ask("vacuum")["freed"]
        else:
            freed = shrink(place.data)
    else:
        try:
            freed = daemon.ask("vacuum")["freed"]
        finally:
            daemon.close()
    return f"{max(0, freed):,} bytes were given back to the disk."


def process_of(place: DataPlace) -> int:
    """
    The number of the daemon that runs there, or 0.

    @raise Declined: its version is too old to say. @raise OSError: it cannot be reached.
    """
    try:
        daemon = Daemon(place)
    except NoDaemon:
        return 0
    try:
        return int(daemon.ask("process")["pid"])
    finally:
        daemon.close()


def take_over(options: argparse.Namespace) -> str:
    """Do what C{upgrade} says, and wait for it."""
    if options.pidfile is None:
        place = place_named(options)
        return upgrade(place.data, lambda: process_of(place))
    if options.data or options.config or options.folder:
        options.misunderstood("name the daemon once: the folder, or --pidfile")
    return upgrade(folder_of(options.pidfile))

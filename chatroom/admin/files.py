"""
What C{chatroom-admin} does with files: certificates, copies of the database, and a new version in the daemon's place.

Each function takes the options of its word and gives what is to be written. None of them asks a server for anything.
"""

from __future__ import annotations

import argparse
from datetime import datetime, timezone
from pathlib import Path

from chatroom.admin.backup import back_up, restore, shrink
from chatroom.admin.target import Daemon, NoDaemon, place_of
from chatroom.admin.upgrade import folder_of, upgrade


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


def data(options: argparse.Namespace) -> Path:
    """The data folder that is meant; of old, it could be named without C{--data}."""
    if options.folder is not None and (options.data or options.config):
        options.misunderstood(f"name the folder once: {options.folder}, or the option")
    return place_of(options.data or options.folder, options.config, None).data


def backup(options: argparse.Namespace) -> str:
    """Do what C{backup} says."""
    size = back_up(data(options), options.copy)
    return f"{options.copy} is a complete copy of {size:,} bytes."


def put_back(options: argparse.Namespace) -> str:
    """Do what C{restore} says."""
    folder = data(options)
    version = restore(options.copy, folder)
    return f"{folder} has the restored database, version {version}. It must belong to the daemon's user."


def vacuum(options: argparse.Namespace) -> str:
    """Do what C{vacuum} says: beside a daemon piece by piece, or else the whole file at once."""
    place = place_of(options.data, options.config, None)
    try:
        daemon = Daemon(place)
    except NoDaemon:
        freed = shrink(place.data)
    else:
        try:
            freed = daemon.ask("vacuum")["freed"]
        finally:
            daemon.close()
    return f"{max(0, freed):,} bytes were given back to the disk."


def take_over(options: argparse.Namespace) -> str:
    """Do what C{upgrade} says, and wait for it."""
    if options.pidfile is None:
        return upgrade(data(options))
    if options.data or options.config or options.folder:
        options.misunderstood("name the daemon once: the folder, or --pidfile")
    return upgrade(folder_of(options.pidfile))

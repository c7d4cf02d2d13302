"""
Whether a bill of materials (CycloneDX) names every package of an installation: check_sbom.py SBOM LIST. The list has a
name on each line.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

UNCLEAR = frozenset(["passlib"])
"""Packages whose own metadata name a licence ("BSD") that the standard's list of names does not hold."""


def normal(name: str) -> str:
    """A distribution's name as the packaging tools compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main(sbom: str, installed: str) -> None:
    """@raise SystemExit: something is not in it, or stands there without its version or licence."""
    components = {normal(each["name"]): each for each in json.loads(Path(sbom).read_text())["components"]}
    wanted = {normal(line) for line in Path(installed).read_text().split()} | {"chatroom"}
    if wanted - components.keys():
        raise SystemExit(f"{sbom} does not name {', '.join(sorted(wanted - components.keys()))}.")
    for name in sorted(wanted):
        if not components[name].get("version"):
            raise SystemExit(f"{sbom} says no version of {name}.")
        if not components[name].get("licenses") and name not in UNCLEAR:
            raise SystemExit(f"{sbom} says no licence of {name}.")
    sys.stdout.write(f"{sbom} names {len(wanted)} packages with their versions and licences.\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

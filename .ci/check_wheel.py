"""
Compare a wheel and a source distribution with what git tracks: python check_wheel.py WHEEL SDIST.

The wheel holds every tracked file of chatroom/ and twisted/, and nothing else; the source distribution holds
those and the tests. Exits with what is wrong.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile


def tracked(*folders: str) -> set[str]:
    """What git knows in these folders."""
    listed = subprocess.run(["git", "ls-files", *folders], check=True, capture_output=True, text=True)
    return set(listed.stdout.split())


def check(wheel: str, sdist: str) -> list[str]:
    """What is missing and what is too much, a sentence each."""
    with zipfile.ZipFile(wheel) as archive:
        installed = {name for name in archive.namelist() if ".dist-info/" not in name}
    with tarfile.open(sdist) as archive:
        source = {name.partition("/")[2] for name in archive.getnames()}
    product = tracked("chatroom", "twisted")
    return [
        *(f"The wheel lacks {name}" for name in sorted(product - installed)),
        *(f"The wheel should not hold {name}" for name in sorted(installed - product)),
        *(f"The sdist lacks {name}" for name in sorted((product | tracked("tests", "docs")) - source)),
    ]


if __name__ == "__main__":
    found = check(*sys.argv[1:])
    if found:
        sys.exit("\n".join(found))
    print("The wheel holds the product and nothing else")  # noqa: T201

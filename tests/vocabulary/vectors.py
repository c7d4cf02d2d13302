"""
What typed lines mean, as the server, the client and the page have to agree on it.
"""

from __future__ import annotations

import json
from pathlib import Path

VECTORS: list[dict[str, str]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "commands.json").read_text(encoding="utf-8")
)


"""The page's tests read them as well."""

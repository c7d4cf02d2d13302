"""
Words that must not come back in what people read: CONTRIBUTING.rst has the rules, docs/adr/0035 the reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from twisted.trial.unittest import SynchronousTestCase

from tests.arrows import ROOT, trees_of

WORDS = {
    r"houses?": "write: server",
    r"(?:is|are|was|were|be|been) told": "say who sees what: you see ..., the server reports ...",
    r"look(?:s|ed|ing)? at": "write: current room, switch to; or: check, examine",
    r"com(?:e|es|ing) in|came in|com(?:e|es|ing) into|came into": "write: join",
    r"(?:un)?lawful\w*": "write: valid, invalid, allowed",
    r"whoever": "write: anyone who, a person who",
    r"somebody who": "write: a person who",
    r"that of": "repeat the noun",
}
"""What must not be written, and what to write instead."""

PATTERN = re.compile(rf"\b(?:{'|'.join(f'({pattern})' for pattern in WORDS)})\b", re.IGNORECASE)

NAMES = re.compile(
    r'0023-order-in-the-house|The (Tea|Coffee)\s+House|house 🏠|never "[^"]+"|'
    r'``unlawful``|^unlawful$|"unlawful"|@raise (?:chatroom\.errors\.)?Unlawful'
)
"""Names and the code of an error, which stay what they are, and what CONTRIBUTING.rst says never to write."""


def pages() -> Iterator[tuple[str, str]]:
    """The documentation: the area, and each text."""
    for folder, kinds in (("docs", (".rst", ".csv", ".txt")), ("newsfragments", (".rst",))):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in kinds and "_build" not in path.parts:
                # What the server says in it is the code's, and counted there.
                quoted = re.sub(r"(?m)^\w+ *\| .*$", "", path.read_text(encoding="utf-8"))
                yield folder, quoted
    for name in ("README.rst", "CONTRIBUTING.rst", "NEWS.rst", "Makefile"):
        yield "docs", (ROOT / name).read_text(encoding="utf-8")


def strings(tree: ast.AST) -> Iterator[str]:
    """Each string constant of a module but for docstrings, which stand alone as a statement."""
    nodes = list(ast.walk(tree))
    alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


def code() -> Iterator[tuple[str, str]]:
    """What the program says: the part of each module, and each of its strings; of the page, files without comments."""
    for name, tree in trees_of("chatroom").items():
        for text in strings(tree):
            yield ".".join(name.split(".")[:2]), text
    for path in sorted((ROOT / "chatroom").rglob("page/*")):
        if path.suffix in (".js", ".html"):
            yield "chatroom.doors.web.page", without_comments(path.read_text(encoding="utf-8"))


def docstrings() -> Iterator[tuple[str, str]]:
    """What the code's own readers meet first: the docstring of each module, and each docstring of the interfaces."""
    for name, tree in trees_of("chatroom").items():
        everything = name.startswith("chatroom.interfaces")
        for node in ast.walk(tree) if everything else (tree,):
            if everything and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                yield f"docstrings of {name}", str(node.value.value)
            elif not everything:
                yield f"docstring of {name}", ast.get_docstring(tree) or ""


def without_comments(text: str) -> str:
    """JavaScript or HTML without what its readers do not see."""
    return re.sub(r"/\*.*?\*/|<!--.*?-->|(?<![:\"'])//[^\n]*", "", text, flags=re.DOTALL)


def found(text: str) -> list[tuple[str, str]]:
    """Each such word in a text, with what to write instead."""
    text = NAMES.sub("", text)
    advice = list(WORDS.values())
    return [(hit.group(), advice[(hit.lastindex or 1) - 1]) for hit in PATTERN.finditer(text)]


def places() -> list[str]:
    """Where such words are, each with its area, what stands around it and what to write instead."""
    hits = []
    for area, text in (*pages(), *code(), *docstrings()):
        for word, instead in found(text):
            at = text.find(word)
            hits.append(f"{area}: {text[max(0, at - 60) : at + 60]!r}: {instead}")
    return hits


class PlainEnglishTests(SynchronousTestCase):
    """What people read, beside the list of words."""

    def test_nowhere(self) -> None:
        """Documentation, what the program says, module docstrings and the interfaces have none of these words."""
        self.assertEqual([], places())

    def test_words_are_found(self) -> None:
        """Each is found in any letter case and at the end of a sentence, and words that only resemble it are not."""
        for text in (
            "The house.",
            "You ARE TOLD so",
            "rooms you look at",
            "They came in.",
            "Whoever asks",
            "is unlawful",
        ):
            self.assertEqual(1, len(found(text)), text)
        self.assertEqual([], found("A household and a greenhouse, outlook atlas, income interest"))

    def test_only_what_people_read(self) -> None:
        """What the program says is in its strings, also in f-strings, and not in docstrings and comments."""
        tree = ast.parse('"""The house."""\nx = 1\n"""The house."""\nsay(f"the house {x}")  # the house\n')
        self.assertEqual(["the house "], list(strings(tree)))
        self.assertEqual("a 'http://x' \n", without_comments("a 'http://x' // the house\n"))


def main() -> None:
    """Show where such words are left: C{python -m tests.docs.test_plain_english}."""
    for place in places():
        print(place)  # noqa: T201


if __name__ == "__main__":
    main()

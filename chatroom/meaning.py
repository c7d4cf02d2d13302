"""
What a typed line means: talk, a whisper, a command, or a slip that may hold a secret and is published nowhere.

This is the one rule for every door, the terminal client and, in page/meaning.js, the web page. The table
tests/vectors/commands.json holds its examples, and the tests of all of them read it. White space and characters nobody
sees count as blanks, wherever they stand before or behind the word of a command or the sign of a whisper, and the
fullwidth forms of the signs are signs. It knows text and the words of the commands that take secrets, and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from chatroom.folding import may_be_emoji


class TypedTalk(NamedTuple):
    """Text for the current room, of one line or several."""

    text: str


class TypedWhisper(NamedTuple):
    """Text for one person."""

    to: str
    text: str


@dataclass(frozen=True)
class TypedCommand:
    """
    A command: its word in small letters, and what stands behind it.

    @ivar typed: the same as it was typed, behind the one blank that ends the word: spaces may be a password's.
    """

    word: str
    rest: str
    typed: str = field(default="", compare=False)


@dataclass(frozen=True)
class Slip:
    """
    A line that is refused, because it may have been meant for fewer people than talk is.

    @ivar kind: C{"slash"}, C{"whisper"} or C{"secret"}.
    @ivar word: for C{"secret"}, the command that was probably meant.
    """

    kind: str
    word: str = ""

    @property
    def sentence(self) -> str:
        """What to tell the person who typed the line."""
        if self.kind == "slash":
            return (
                "Commands start with a slash; /help lists them. To send a line that starts with a slash, "
                "type // instead."
            )
        if self.kind == "whisper":
            return "To whisper, type @nick and a text. To send a line that starts with @, type /say and the line."
        return (
            f"That looks like a mistyped /{self.word}, so nobody else has read it. Type /{self.word} again. To send "
            "such a line to the room, type /say and the line."
        )


_BLANK = (
    "\\x00-\\x20\\x7f-\\xa0\\xad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f"
    "\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\ud800-\\udfff"
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff"
)
"""White space, control characters, and what Unicode calls ignorable by default: nothing of it leaves ink."""

_SLASHES = "/\uff0f\u2044\u2215\u29f8"
"""The slash, its fullwidth form, and three signs that look like it."""

_HOLD_A_SLASH = "\u00bc-\u00be\u2100\u2101\u2105\u2106\u2150-\u215f\u2189\u33a7\u33a8\u33ae\u33af\u33c6\u33de\u33df"
"""Fractions and units that hold one of them in their plain form (NFKC)."""

_AT_SIGNS = "@\uff20\ufe6b"

_NO_INK = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Me", "Mn", "Zl", "Zp", "Zs"})
"""Categories of characters that begin no line: the unseen, those that are never shown, marks without a letter."""

_BLANKS = re.compile(f"[{_BLANK}]*")
_WORD = re.compile(f"([^{_BLANK}]*)[{_BLANK}]*(.*)", re.DOTALL)
_SEEN = re.compile(f"[^{_BLANK}]+")

_AS_ASCII = (
    "\u0080-\u00bf\u0130\u0132\u0133\u013f\u0140\u0149\u017f\u01c4-\u01cc\u01f1-\u01f3\u02b0-\u02ff\u037a\u1d2c-\u1dbf\u1e9a"
    "\u2000-\u2c7d\u3164\u3200-\u33ff\ua7f2-\ua7f4\ufb00-\ufb06\ufc5e-\ufc63\ufe70-\ufe7e\uff00-\uffef\U000107a5"
    "\U0001d400-\U0001d7ff\U0001f100-\U0001fbff"
)
"""Letters and digits that are ASCII in another dress (NFKC) or begin with it, or are blanks; and what lies between."""

_SIGN = "!-.:-?[-`{-~"
"""ASCII that leaves ink and is neither a letter or digit, nor the sign of a command or a whisper."""

_SLIPS = "|".join(
    f"[{letters}{letters.upper()}{_AS_ASCII}]{{{times}}}"
    for letters, times in (("login", "4,6"), ("signup", "5,7"), ("paswd", "5,7"), ("resum", "5,7"), ("oper", "3,5"))
)

_DESCRIBED = r"(?i:log[ _-]*[io]n|sign[ _-]*(?:in|on|up)|(?:pass\w*|pwd?|token) *[:=\uff1a\uff1d])"
"""How a login begins that is described rather than typed: see L{_behind_a_label}."""

_OF_IRC = r"(?i:nickserv|ns|msg|query|quote|privmsg|identify|register|pass)(?![0-9A-Za-z])"
"""How a line begins that IRC clients send to a service: see L{_to_service}."""

_BEGINS_TALK = (
    "[b-df-hjku-zB-DF-HJKU-Z0-689]"
    rf"|(?!QUIT|(?:{_SLIPS})(?![0-9A-Za-z])|{_DESCRIBED}|{_OF_IRC})[aeil-tAEIL-T]"
)
"""A letter or digit: one that begins no slip of the words below, or one of a word that is none."""

_PLAIN = re.compile(
    rf"(?=[^{_SLASHES}{_HOLD_A_SLASH}]{{4}}|[^{_SLASHES}{_HOLD_A_SLASH}]{{0,3}}\Z)"
    rf"(?:{_BEGINS_TALK}|[^\W_\x00-\x7f\u115f\u1160{_AS_ASCII}]"
    rf"|(?=[!-~]{{11}})[{_SIGN}]{{1,8}}(?:{_BEGINS_TALK})|7[0-9]{{0,9}} )"
)
"""
How almost all talk begins: with a letter or digit that cannot be a slip of one of the words below, or with signs and a
word that is too long for one. What is most usual is tried first.
"""

_PLAIN_WHISPER = re.compile("@([A-Za-z0-9][!-9;-~]*(?<![,:])) +([!-~](?:[ -~]*[!-~])?)\\Z")
"""How almost all whispers are typed. This, too, is quick."""

_SECRETS = {"login": 2, "signup": 1, "passwd": 1, "password": 1, "resume": 1, "oper": 2}
"""Commands that take secrets, and how many words behind them make it likely that one is a secret."""

_OTHERS = {"join": 2, "whisper": 2, "msg": 2, "tell": 2, "reply": 1, "tellops": 1, "wallops": 1, "report": 2}

_PRIVATE = {**_SECRETS, **_OTHERS}
"""The same with commands that are mistyped as easily and hold what is not for everybody."""

_BARE = {"login": 2, "signup": 1, "passwd": 2, "resume": 1, "oper": 2}
"""Commands without their slash: so many words behind them, or more, may be their arguments: passwords have blanks."""

NO_NAMES = frozenset(
    "is was works worked fails failed does did to with from and or not again for isn't "
    "wasn't doesn't didn't won't can't isn\u2019t wasn\u2019t doesn\u2019t didn\u2019t won\u2019t can\u2019t".split()
)
"""
Words that make a sentence of C{login works again}: nobody can have one of them for a nickname, so that what stands
behind it is no password.
"""


def _stumbles() -> dict[str, str]:
    """The words of L{_BARE}, also with one letter left out, typed twice, or before the one that it follows."""
    found = {}
    for word in _BARE:
        for at in range(len(word)):
            before, after = word[:at], word[at + 1 :]
            for typed in (before + after, before + 2 * word[at] + after, before + after[:1] + word[at] + after[1:]):
                found[typed] = word
    return {**found, **{word: word for word in _BARE}}


_TO_NICKSERV = {
    **dict.fromkeys(("identify", "id", "auth", "login", "ghost", "regain", "recover", "release"), "login"),
    "register": "signup",
    "set": "passwd",
}
"""Words of NickServ that a password stands behind, and the commands that do the same."""

_WORDS_OF_IRC = {"identify": "login", "pass": "login", "register": "signup"}
"""Those that are typed without the name of the service, or are sent by clients themselves."""

_SENDING = frozenset({"msg", "query", "quote", "privmsg"})
"""What is typed before the name of a service."""

_LABELS = frozenset({"password", "passwd", "pass", "passphrase", "passcode", "passwort", "pw", "pwd", "token"})
"""Names of secrets: behind one of them and a colon stands a secret."""

_COLON = re.compile("[:=\uff1a\uff1d]")

_APART = {
    **dict.fromkeys(("login", "logon", "signin", "signon"), "login"),
    "signup": "signup",
}
"""Words that people write in two, and the commands that they mean."""

_SENTENCE = frozenset(
    "the a an to in on at as it if and or but my your our this that these there then than here now soon later again "
    "first before after when while once via with without using from for please everyone everybody anyone all every "
    "each tonight today tomorrow so is was no not i you we they he she".split()
)
"""Words that make a sentence of C{log in} and what follows, beside L{NO_NAMES}."""

_OTHER_WORDS = frozenset({"loin", "ope", "open", "opera", "over", "per"})
"""Words that people use, and that are only a slip away from a command."""

_STUMBLES = {typed: meant for typed, meant in _stumbles().items() if typed not in _OTHER_WORDS}

_BEGINNINGS = frozenset(
    [*(word[:3] for word in (*_LABELS, *_APART, *_STUMBLES)), *(f"pw{sign}" for sign in ":=\uff1a\uff1d")]
)
"""How the words begin that L{_behind_a_label} looks at."""

_TOKEN = 16
"""Characters: a word behind a bare C{resume} is a token from here on."""

_BESIDE = "\\|.,:;?!=&%^7\u00f7\u00bf\u00a1\uff3c\ufe68\uff0e\uff1a\uff1f\u3001\u3002\u30fb"
"""What is typed in place of a slash: a key beside it, or the same key of another layout or input method."""

_SIGNS = re.compile(r"^(?:[^\w#]|_)+")
"""Whatever else is typed before a word for a slash, as the C{-} of many keyboards is; not a hashtag's sign."""

_UNSEEN = 100
"""Characters without ink in a row that are looked at: of a line that begins with more, nothing is seen."""

_LOOKED_AT = 400
"""Characters of a line that are looked at for a slip."""

_LONGEST_SLIP = 4 + 1 + max(map(len, _PRIVATE))
"""Characters of a first word: up to four before the command that was meant, and one too many in that."""

_SHORT = 32
"""Characters: a longer first word is no command that anybody has."""


def is_plain(line: str) -> bool:
    """Whether a single line is talk at first sight. Asked of everything that anybody says, so it is quick."""
    return _PLAIN.match(line) is not None


def understand(typed: str) -> TypedTalk | TypedWhisper | TypedCommand | Slip | None:
    """
    What a line means; C{None} if there is nothing in it. Several lines at once are talk or a whisper, because pasted
    text is never a command; they are a slip, if one of them has a secret in it, or asks for one that the next may be.
    """
    whisper = _PLAIN_WHISPER.match(typed)
    if whisper is not None:
        return TypedWhisper(whisper[1], whisper[2])
    if "\n" not in typed:
        return _understand(typed)
    text = typed.strip("\r\n")
    if "\n" not in text:
        return _understand(text)
    whole = _understand(text)
    if whole is None or isinstance(whole, TypedWhisper) or (isinstance(whole, Slip) and whole.kind == "whisper"):
        return whole
    asks = ""
    for line in text.split("\n"):
        meaning = _understand(line)
        if asks and meaning is not None:
            return Slip("secret", asks)
        if isinstance(meaning, Slip) and meaning.kind == "secret":
            return meaning
        if isinstance(meaning, TypedCommand) and (meant := _secret_of(meaning)):
            return Slip("secret", meant)
        if isinstance(meaning, TypedCommand) and meaning.word in _SECRETS:
            asks = meaning.word
    return TypedTalk(text)


def secret_in(text: str) -> Slip | None:
    """
    The slip that a text is which a client of others sends as talk: it knows none of our signs, and what its person has
    typed may be a command for it, with a password, behind a blank.

    @param text: of one line or several.
    """
    if is_plain(text) and "\n" not in text:
        return None
    meaning = understand(text)
    if isinstance(meaning, Slip) and meaning.kind == "secret":
        return meaning
    meant = _secret_of(meaning) if isinstance(meaning, TypedCommand) else ""
    return Slip("secret", meant) if meant else None


def called(secret: str) -> str:
    """What a question calls an argument that is a secret: C{password}, C{old password}, C{token}."""
    return f"{secret} password" if secret in ("old", "new") else secret


def split_word(text: str) -> tuple[str, str]:
    """The first word of a command's arguments, and what stands behind the one blank that ends it."""
    text = text.lstrip()
    word = text.split(maxsplit=1)[0] if text else ""
    return word, text[len(word) + 1 :]


def _understand(typed: str) -> TypedTalk | TypedWhisper | TypedCommand | Slip | None:
    text = typed[_start(typed) :]
    if not text:
        return None
    first = text[0]
    if first in _AT_SIGNS:
        return _whisper(text.lstrip(_AT_SIGNS))
    if first in _SLASHES:
        return _command(text)
    if first == "Q" and _BLANKS.fullmatch(text, 4) and text.startswith("QUIT"):
        return TypedCommand("quit", "")
    return _slip(text) or TypedTalk(typed)


def _start(typed: str) -> int:
    """Where the first character stands that leaves ink."""
    at = _BLANKS.match(typed).end()  # type: ignore[union-attr]
    begin = at
    while at < len(typed) and unicodedata.category(typed[at]) in _NO_INK and not may_be_emoji(typed[at]):
        if at - begin > _UNSEEN:
            return len(typed)
        at = _BLANKS.match(typed, at + 1).end()  # type: ignore[union-attr]
    return at


def _split(text: str) -> tuple[str, str]:
    """A word, and what stands behind the blanks that end it."""
    word, rest = _WORD.fullmatch(text).groups()  # type: ignore[union-attr]
    return word, rest.rstrip()


def _whisper(text: str) -> TypedWhisper | Slip:
    word, rest = _split(text)
    to = word.rstrip(":,\uff1a\uff0c\u3001")
    if not to or _start(text) or not _SEEN.search(rest) or not (text[len(word)].isspace() or to != word):
        return Slip("whisper")  # no name, no text, or an unseen character that may be inside a name
    return TypedWhisper(to, rest)


def _command(text: str) -> TypedTalk | TypedCommand | Slip:
    if text[1:2] and text[1] in _SLASHES:
        said = text[1:]
        inner = said[1:2] not in _SLASHES and _command(said) if said[1:2] else None
        if isinstance(inner, TypedCommand) and (meant := _secret_of(inner)):
            return Slip("secret", meant)
        return TypedTalk(said)
    word, rest = _split(text[1:])
    if not word:
        return Slip("slash")
    behind = text[2 + len(word) :]
    return TypedCommand(_word(word) if len(word) <= _SHORT else word, rest, behind)


def _secret_of(command: TypedCommand) -> str:
    """The command of ours that probably has a secret behind it: this one, or what a service of IRC is asked for."""
    least = _SECRETS.get(command.word)
    if least is not None:
        return command.word if len(command.rest.split(maxsplit=2)) >= least else ""
    words = [command.word, *_SEEN.findall(command.rest[:_LOOKED_AT])]
    return _to_service(words) or _without_service(command.word, words)


def _to_service(words: Sequence[str]) -> str:
    """The command of ours for what NickServ is asked for with a password, as in C{NickServ identify pw}; or C{""}."""
    behind = words[1:] if words[0].lower() in _SENDING else words
    if len(behind) < 3 or behind[0].lower().partition("@")[0].rstrip(":,") not in ("nickserv", "ns"):
        return ""
    meant = _TO_NICKSERV.get(behind[1].lower().lstrip(":"), "")
    return meant if not _is_said(behind[2]) and not _is_label(behind[-1]) else ""


def _without_service(word: str, words: Sequence[str]) -> str:
    """The same without the name of the service: C{identify pw}, or C{REGISTER * * pw} as a client sends it."""
    behind = words[1:]
    if word not in _WORDS_OF_IRC or not 1 <= len(behind) <= (1 if word == "pass" else 3) or _is_said(behind[0]):
        return ""
    return _WORDS_OF_IRC[word] if any(_looks_secret(each) and "//" not in each for each in behind) else ""


def _is_said(word: str) -> bool:
    """Whether it makes a sentence of the words before it."""
    word = word.lower().rstrip(".,!?")
    return word in NO_NAMES or word in _SENTENCE


def _is_label(word: str) -> bool:
    """Whether it stands for a password where people explain what to type: C{PASSWORD}, C{<your-password>}."""
    word = word.lower().strip("<>[]\"'.,!?")
    return word in _LABELS or word.startswith("your")


def _slip(text: str) -> Slip | None:
    """A command whose slash is missing, is another sign, or has something before it."""
    first = _SEEN.search(text, 0, _LOOKED_AT)[0]  # type: ignore[index]
    bare = first.lower() if first.isascii() else _word(first)
    word = _SIGNS.sub("", bare)
    if word[:3] in _BEGINNINGS:
        labelled = _behind_a_label(word, _SEEN.findall(text[:_LOOKED_AT]))
        if labelled is not None:
            return Slip("secret", labelled)
    if first.isascii() and (word in _SENDING or word in _WORDS_OF_IRC or word.startswith(("ns", "nickserv"))):
        words = [word, *_SEEN.findall(text[:_LOOKED_AT])[1:]]
        sent = _to_service(words) or _without_service(word, words)
        if sent:
            return Slip("secret", sent)
    if word in _STUMBLES and _may_be_bare(word, _SEEN.findall(text[:_LOOKED_AT])):
        return Slip("secret", _STUMBLES[word])
    if len(bare) > _LONGEST_SLIP:  # as nearly all that is looked at here
        return None
    starts = [1] if bare[0] in _BESIDE else []
    starts += [index + 1 for index in range(1, min(4, len(bare))) if bare[index] in _SLASHES]
    for start in starts:
        meant = _near(bare[start:])
        if meant is not None and len(_SEEN.findall(text[:_LOOKED_AT])) > _PRIVATE[meant]:
            return Slip("secret", meant)
    return None


def _word(typed: str) -> str:
    """In small letters, and those of East Asian input methods as everybody's; what is no command may stay as it is."""
    return (typed if len(typed) > _SHORT else unicodedata.normalize("NFKC", typed)).lower()


def _may_be_bare(bare: str, words: Sequence[str]) -> bool:
    """Whether these are a command that takes a secret, without its slash; C{bare} is the first of them."""
    meant = _STUMBLES.get(bare, "")
    if len(words) - 1 < _BARE.get(meant, len(words)):
        return False
    if meant == "resume":
        return len(words) == 2 and len(words[1]) >= _TOKEN
    if meant == "oper":
        return not _is_said(words[1])
    return meant != "login" or words[1].lower() not in NO_NAMES


def _behind_a_label(word: str, words: Sequence[str]) -> str | None:
    """
    The command that somebody has described rather than typed: C{login: ann pw}, C{log in ann pw}, C{password: pw}.

    @param word: the first of the words, in small letters.
    """
    words = [word, *words[1:]]
    if word in ("log", "sign") and len(words) > 1:
        words = [word + words[1].lower(), *words[2:]]
    name, colon, inside = _split_label(words[0])
    behind = [inside, *words[1:]] if inside else words[1:]
    if not colon and behind and _COLON.match(behind[0]):
        colon, behind = True, [each for each in (behind[0][1:], *behind[1:]) if each]
    name = name.replace("-", "").replace("_", "")
    meant = _APART.get(name) or _STUMBLES.get(name)
    if colon and behind and name in _LABELS:
        return "login"
    if meant == "login":
        return _login_apart(behind, colon or name != word or (name in _APART and name != meant))
    if meant == "oper":
        return meant if colon and len(behind) > 1 and not _is_said(behind[0]) else None
    if meant == "signup" and behind and (colon or (name != word and len(behind) == 1 and _looks_secret(behind[0]))):
        return meant
    return meant if colon and behind and (meant == "passwd" or len(behind[0]) >= _TOKEN) else None


def _login_apart(behind: Sequence[str], apart: bool) -> str | None:
    """@param apart: it is not the bare word alone, of which L{_may_be_bare} decides."""
    if len(behind) == 1:
        nick, colon, password = _split_label(behind[0])
        return "login" if nick and colon and password and not password.startswith("//") else None
    return "login" if apart and len(behind) > 1 and not _is_said(behind[0]) else None


def _split_label(word: str) -> tuple[str, bool, str]:
    """What stands before the first colon of a word, whether there is one, and what stands behind it."""
    colon = _COLON.search(word)
    return (word, False, "") if colon is None else (word[: colon.start()], True, word[colon.end() :])


def _looks_secret(word: str) -> bool:
    """Whether a word has more than letters in it, as passwords do, before what ends a sentence."""
    return len(word) > 5 and not word.rstrip(".,!?;)").isalpha()


def _near(word: str) -> str | None:
    """The command that takes a secret or a private word, and that somebody has typed with one slip at the most."""
    if word in _PRIVATE or word in _OTHER_WORDS:
        return word if word in _PRIVATE else None
    return next((meant for meant in _SECRETS if _one_slip(word, meant)), None)


def _one_slip(word: str, meant: str) -> bool:
    """Whether one letter is missing, too many, another one, or has changed places with its neighbour."""
    if abs(len(word) - len(meant)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), min(len(word), len(meant)))
    a, b = word[at:], meant[at:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and len(b) > 1 and a[2:] == b[2:])

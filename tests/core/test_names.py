"""
Clean text and lawful names: what one person types and another one reads.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.times import duration
from chatroom.core.cleaning import clean, clean_lines, is_blank, is_plain, message
from chatroom.core.names import RESERVED, any_nickname, fold, nickname, room_name
from chatroom.core.sanctions import network_of
from chatroom.errors import BadArguments, Unlawful
from tests.doors.shapes import SHAPES

LONG = 64
"""Characters that names in these tests may have."""

BIDI = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
"""Everything with the property Bidi_Control (Unicode, PropList)."""

every_character = [chr(point) for point in range(sys.maxunicode + 1)]
some_names = st.text(min_size=1, max_size=12) | st.from_regex(r"[\w.+-]{1,12}", fullmatch=True)


def lawful(make: Callable[[str, int], str], text: str) -> str | None:
    """The name, or C{None} if it is not lawful."""
    try:
        return make(text, LONG)
    except Unlawful:
        return None


class CleanTests(SynchronousTestCase):
    """Text that everybody's terminal can bear."""

    def assert_harmless(self, text: str) -> None:
        """Nothing in it does anything but stand there."""
        for character in text:
            category = unicodedata.category(character)
            self.assertNotIn(category, ("Cc", "Cs", "Co", "Zl", "Zp"), ascii(text))
            self.assertNotIn(ord(character), BIDI, ascii(text))

    def test_no_character_does_harm(self) -> None:
        """Whatever single character is typed, nothing reaches others that moves, turns or ends a line."""
        for character in every_character:
            cleaned = clean(f"a{character}b")
            if cleaned != "ab":
                self.assert_harmless(cleaned)
                self.assertIn(cleaned, (f"a{character}b", "a    b"))

    @given(st.text(st.characters() | st.sampled_from("\x1b\x9b\x07\u202e\u2028\u0301\u200d"), max_size=40))
    def test_no_text_does_harm(self, text: str) -> None:
        """No text does harm, alone or together with others."""
        self.assert_harmless(clean(text))

    @given(st.text(st.characters() | st.sampled_from("\u0301\u0489\u200d\u200b\t"), max_size=40))
    @example("e\u0301\u200b" + "\u0301" * 4)
    def test_clean_text_stays_as_it_is(self, text: str) -> None:
        """What is clean is not changed again, so it may pass any number of doors."""
        self.assertEqual(clean(text), clean(clean(text)))

    def test_escape_sequences_are_disarmed(self) -> None:
        """Of a sequence that would clear a screen, harmless letters are left."""
        self.assertEqual("[2J", clean("\x1b[2J"))
        self.assertEqual("2J", clean("\x9b2J"))
        self.assertEqual("]0;title", clean("\x1b]0;title\x07"))

    def test_tab_becomes_spaces(self) -> None:
        """A tab would jump differently for everybody."""
        self.assertEqual("a    b", clean("a\tb"))

    def test_languages_are_left_alone(self) -> None:
        """What people write in any language is shown as they wrote it."""
        for text in (
            "Grüße aus Köln", "Съешь ещё этих булок", "我今天去了北京。。。！！！", "ไม่เป็นไรครับ ก็ได้นะ",
            "नमस्ते, क्या हाल है?",
            "\u0645\u06cc\u200c\u062e\u0648\u0631\u062f\u06cc\u0645", "Vraiment\u00a0?", "\u3042\u3000\u3044",
            "👨\u200d👩\u200d👧\u200d👦 ❤\ufe0f 😂😂😂😂😂😂", "ｆｕｌｌ", "→ ←  ½ ² €", "q\u0307\u0323",
        ):  # fmt: skip
            self.assertEqual(text, clean(text))

    def test_emoji_this_python_does_not_know_are_shown(self) -> None:
        """People's telephones are newer than the server."""
        for character in map(chr, [*range(0x1F000, 0x1FB00), *range(0x1FC00, 0x1FFFE)]):
            self.assertEqual(character, clean(character))

    def test_marks_do_not_pile_up(self) -> None:
        """At most four marks stand on a character, so that they do not climb over other people's lines."""
        self.assertEqual("e" + "\u0301" * 4 + "f", clean("e" + "\u0301" * 50 + "f"))

    def test_invisible_joiners_do_not_let_marks_pile_up(self) -> None:
        """What has no width does not begin a new pile."""
        for joiner in ("\u200d", "\u200c", "\ufe0f", "\u200b"):
            cleaned = clean("e" + ("\u0301" * 4 + joiner) * 20)
            self.assertLessEqual(sum(unicodedata.category(c) == "Mn" for c in cleaned), 4, ascii(joiner))

    def test_any_pile_is_found(self) -> None:
        """No mark of any script is overlooked by the quick look, whatever its category."""
        for mark in every_character:
            if unicodedata.category(mark) in ("Mn", "Me") or unicodedata.combining(mark):
                self.assertIn(clean("a" + mark * 5), ("a" + mark * 4, "a"), ascii(mark))

    def test_marks_beside_a_letter_do_not_go_on_for_ever(self) -> None:
        """A syllable of Burma may have seven, so eight are enough."""
        self.assertEqual("က" + "\u103b" * 8, clean("က" + "\u103b" * 50))
        self.assertEqual("ကြွေးကျွန်ုပ်", clean("ကြွေးကျွန်ုပ်"))

    @given(st.lists(st.sampled_from("a\u0300\u0323\u0344\uff9e\U0001d165\U0001d16d\u103b\u200d\u20dd"), min_size=30))
    def test_clean_text_is_cheap_to_normalise(self, pieces: list[str]) -> None:
        """In no normal form has it more than thirty marks in a row (UAX 15, 13)."""
        decomposed = unicodedata.normalize("NFKD", clean("".join(pieces)))
        longest = max(len(run) for run in "".join(" m"[bool(unicodedata.combining(c))] for c in decomposed).split(" "))
        self.assertLessEqual(longest, 30)

    def test_blank_text_is_known(self) -> None:
        """Spaces, joiners and the like are nothing to see."""
        for text in ("", " ", "\u00a0\u3000", "\u200d\ufe0f", "\u2800"):
            self.assertTrue(is_blank(text), ascii(text))
        self.assertFalse(is_blank("."))


class CleanLinesTests(SynchronousTestCase):
    """Messages of several lines, as programs and browsers send them."""

    def test_lines_are_cleaned_one_by_one(self) -> None:
        """Line ends of a message are kept, in one form."""
        self.assertEqual("a\nb\n\nc", clean_lines("a\r\n\x1bb\n\nc", 10))

    def test_empty_lines_at_the_ends_are_dropped(self) -> None:
        """Nobody makes an empty line in the room by accident."""
        self.assertEqual("a", clean_lines("\n\na\n\n", 10))
        self.assertEqual("a", clean_lines("\x00\na\n\x1b\n", 10))

    def test_too_many_lines_are_refused(self) -> None:
        """A message has as many lines as the limit says, and no more."""
        self.assertEqual("a\nb", clean_lines("a\nb", 2))
        refusal = self.assertRaises(Unlawful, clean_lines, "a\nb\nc", 2)
        self.assertIn("2", refusal.sentence)

    @given(st.text(st.characters() | st.sampled_from("\n\r\x00"), max_size=40))
    def test_clean_lines_stay_as_they_are(self, text: str) -> None:
        """What is clean is not changed again, and each line is clean by itself."""
        cleaned = clean_lines(text, 100)
        self.assertEqual(cleaned, clean_lines(cleaned, 100))
        for line in cleaned.split("\n"):
            self.assertEqual(line, clean(line))

    @given(st.text("a~ \t\n\x00\x1b\x7f\u00e9\u200b", max_size=9))
    def test_plain_text_is_said_as_it_is(self, text: str) -> None:
        """What is plain at first sight is neither changed, nor blank, nor too long."""
        if is_plain(text, 6):
            self.assertEqual(text, message(text, 6, 1))
            self.assertFalse(is_blank(text))

    def test_plain_text(self) -> None:
        """Almost all that anybody says is plain; what is empty, blank, unseen, too long or not ASCII is not."""
        self.assertTrue(is_plain("hello you", 9))
        for text in ("", "  ", "hello you!", "a\nb", "a\tb", "\x1b", "h\u00e9"):
            self.assertFalse(is_plain(text, 9), ascii(text))


class FoldTests(SynchronousTestCase):
    """One name, however it is typed."""

    def test_letter_case_makes_no_difference(self) -> None:
        """Also where capitals are more than one letter."""
        self.assertEqual(fold("alice"), fold("ALICE"))
        self.assertEqual(fold("Strauß"), fold("STRAUSS"))
        self.assertEqual(fold("Σίσυφος"), fold("ΣΊΣΥΦΟΣ"))

    def test_way_of_writing_makes_no_difference(self) -> None:
        """Some systems send an accent as a character of its own."""
        self.assertEqual(fold("jos\u00e9"), fold("jose\u0301"))
        self.assertEqual(fold("alice"), fold("ａｌｉｃｅ"))

    def test_a_dot_makes_no_difference(self) -> None:
        """A Turkish name is found by whoever types its small letters."""
        self.assertEqual(fold("ipek"), fold("İpek"))

    @given(some_names)
    def test_key_of_a_name_is_that_of_what_was_typed(self, text: str) -> None:
        """A name as shown and as it was typed have one key."""
        name = lawful(nickname, text)
        if name is not None:
            self.assertEqual(fold(name), fold(fold(name)))
            self.assertEqual(fold(name), fold(text.strip()))


class NicknameTests(SynchronousTestCase):
    """Names of people."""

    def assert_refused(self, *names: str) -> None:
        """None of them is lawful."""
        for name in names:
            self.assertIs(None, lawful(nickname, name), name)

    @given(some_names)
    def test_lawful_name_stays_as_it_is(self, text: str) -> None:
        """A name that was accepted once is accepted always, and shown the same."""
        name = lawful(nickname, text)
        if name is not None:
            self.assertEqual(name, nickname(name, LONG))
            self.assertEqual(name, clean(name))
            self.assertNotIn(" ", name)

    def test_names_of_many_languages_are_lawful(self) -> None:
        """People are called as they are called."""
        for name in (
            "alice", "Bob_2", "x", "7", "jean-luc", "al.ice", "bob_", "José", "Müller", "Nguyễn", "Łukasz", "Bjørn",
            "Çağrı", "Işık", "Иван", "Анна", "Саша", "Сергей", "вера", "Ελένη", "Արամ", "דוד", "محمد", "שרה",
            "नमिता", "ณัฐ", "தமிழ்", "মিতা", "佐々木", "さくら", "ユーリー", "김철수", "王小明", "მარიამ", "ሰላም",
        ):  # fmt: skip
            self.assertEqual(name, nickname(name, LONG))

    def test_spaces_around_are_dropped(self) -> None:
        """They are typed by accident."""
        self.assertEqual("alice", nickname("  alice ", LONG))

    def test_styled_letters_are_plain_letters(self) -> None:
        """Nobody is a second alice by writing it in fullwidth or mathematical letters."""
        for name in ("ａｌｉｃｅ", "𝒶𝓁𝒾𝒸ℯ", "𝐚𝐥𝐢𝐜𝐞", "ⓐⓛⓘⓒⓔ", "ᵃˡⁱᶜᵉ"):
            self.assertEqual("alice", nickname(name, LONG))

    def test_mixed_scripts_are_refused(self) -> None:
        """One letter of another script is how others are imitated."""
        self.assert_refused("аlice", "alісe", "alιce", "bοb", "b০b", "ali٠ce", "aㅣice", "a丨ice", "bobＯо")

    def test_lookalikes_of_ascii_are_refused(self) -> None:
        """A name of another script, or of odd Latin letters, that every reader takes for an ASCII one."""
        self.assert_refused(
            "ТОМ", "сосо", "ΑΝΝΑ", "Μαx", "օոո", "alıce", "aliϲe", "ɑlice", "ᴀʟɪᴄᴇ", "aʟice", "ɡus", "ǀan", "Ꭺlice",
            "ᎪᏞᏆᏟᎬ", "ꓮꓡꓲꓚꓰ", "ⲁlice", "ТОМ1", "וסו", "ןסן", "ויו".replace("י", "ו"), "اه", "ഠ", "သဝ".replace("သ", "ဝ"),
        )  # fmt: skip

    def test_refusal_of_a_lookalike_says_of_what(self) -> None:
        """Who types their own language in good faith learns what is wrong."""
        refusal = self.assertRaises(Unlawful, nickname, "ТОМ", LONG)
        self.assertIn("TOM", refusal.sentence)

    def test_unseen_characters_are_refused(self) -> None:
        """Two names that look the same are the same."""
        for (
            unseen
        ) in "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u1160\u3164\uffa0\u17b4\ufe0f\u202e\u0000\x1b\u1161":
            self.assert_refused(f"ali{unseen}ce", f"ni{unseen}", f"{unseen}ni")

    def test_loose_marks_are_refused(self) -> None:
        """A mark that no letter of the script needs is there to deceive: a dot on an i, a mark twice, vowel points."""
        self.assert_refused(
            "ali\u0307ce", "a\u0323\u0323", "bob\u0338", "\u0301bob", "alice.\u0301", "ณ\u0e31\u0e31ฐ", "म\u0941\u0941",
            "م\u064fحمد", "ש\u05b8רה", "محم\u0640د", "7\u0301", "x\u0e31",
        )  # fmt: skip

    def test_signs_stand_inside(self) -> None:
        """Signs stand inside a nickname only, so that a name at the end of a sentence is still the name."""
        self.assert_refused("alice.", "alice-", ".alice", "-alice", "_alice", "...", "_", "")

    def test_what_means_something_to_the_server_is_refused(self) -> None:
        """Names cannot be taken for commands, whispers, marks of the server or several words."""
        self.assert_refused(
            "/join", "@bob", "<bob>", "[bob]", "* bob", "-- bob", "!", "{}", "#lobby", "a b", "a\tb", "a:b"
        )

    def test_names_that_commands_would_misread_are_refused(self) -> None:
        """Nobody takes a nickname that is an address, a network or a length of time to the commands of moderation."""
        for name in ("192.0.2.1", "10.0.0.1", "1.5", "192.0.2", "1.2.3.4.5", "10.x.x.x", "192.0.2.7-9", "\uff11.2.3.4"):
            self.assertIn("looks like a network address", self.assertRaises(Unlawful, nickname, name, LONG).sentence)
            self.assertTrue(any_nickname(name, LONG))
        for name in ("10m", "10M", "90s", "2h30m", "1d", "2weeks", "10min", "forever", "Forever", "\uff11\uff10m"):
            self.assertIn("looks like a length of time", self.assertRaises(Unlawful, nickname, name, LONG).sentence)
            self.assertTrue(any_nickname(name, LONG))
        for name in ("1337", "v1.2.3.4", "alice.5", "x.x", "10k", "m10", "tom10m", "2nd", "till"):
            self.assertEqual(name, nickname(name, LONG))

    @given(st.text("0123456789.hmsd-x", min_size=1, max_size=12))
    def test_whatever_is_taken_is_a_name_to_moderation(self, typed: str) -> None:
        """What somebody is called is neither an address nor a length of time, wherever it is typed."""
        try:
            name = nickname(typed, LONG)
        except Unlawful:
            return
        self.assertIsNone(network_of(name))
        self.assertRaises(BadArguments, duration, name)

    def test_reserved_names_are_refused(self) -> None:
        """Nobody speaks for the server, its staff, its services or everybody, in any letter case or style."""
        for name in RESERVED:
            self.assert_refused(name, name.upper(), "".join(chr(ord(c) + 0xFEE0) for c in name))

    def test_what_looks_like_a_reserved_name_is_refused(self) -> None:
        """By a digit, a capital, two letters that look like one, an accent, a sign, or as a service of IRC."""
        self.assert_refused(
            "adm1n", "ADMlN", "Adrnin", "r00t", "0wner", "ovvner", "Hère", "every.one", "A11", "al1", "N1ckServ",
            "MemoServ", "0perServ", "Globa1", "_all_".strip("_") + "_", "MyServ", "rn0d",
        )  # fmt: skip

    def test_names_that_are_near_a_reserved_one_are_free(self) -> None:
        """An i is no l to a reader, so that Ali is not all."""
        for name in ("Ali", "ALI", "Theo", "Mona", "Ron", "Heer", "Allan", "Serve", "guest", "user", "Rosa", "Hera"):
            self.assertEqual(name, nickname(name, LONG))

    def test_somebody_may_be_spoken_of_by_any_name(self) -> None:
        """Who has a name that is reserved now can be ignored, banned and whispered to."""
        self.assertEqual("owner", any_nickname("owner", LONG))

    def test_length_is_judged_first(self) -> None:
        """Nothing is put into another form that is far too long to be a name."""
        for shape in SHAPES.values():
            self.assertIs(None, lawful(nickname, shape(8000)))
            self.assertIs(None, lawful(room_name, shape(8000)))
            self.assertLessEqual(len(fold(shape(8000))), 129)

    def test_length_is_counted_as_shown(self) -> None:
        """One character that stands for eighteen counts eighteen."""
        self.assertEqual("abcd", nickname("abcd", 4))
        self.assertRaises(Unlawful, nickname, "abcde", 4)
        self.assertRaises(Unlawful, nickname, "ﬃﬃ", 4)

    def test_emoji_are_refused(self) -> None:
        """They are no letters, and hard to type after an at sign."""
        self.assert_refused("🙂", "bob🙂", "☃")


class RoomNameTests(SynchronousTestCase):
    """Names of rooms."""

    @given(some_names)
    def test_lawful_name_stays_as_it_is(self, text: str) -> None:
        """A room has one name, which is its key."""
        name = lawful(room_name, text)
        if name is not None:
            self.assertEqual(name, room_name(name, LONG))
            self.assertEqual(name, clean(name))
            if "ı" not in name:  # it shares its capital with i
                self.assertEqual(name, room_name(name.upper(), LONG))

    def test_letter_case_and_hash_make_no_difference(self) -> None:
        """People type C{#Lobby}, and mean the lobby."""
        self.assertEqual("lobby", room_name("#Lobby", LONG))
        self.assertEqual("lobby", room_name(" LOBBY ", LONG))

    def test_names_of_many_languages_are_lawful(self) -> None:
        """Also with accents that capitals lose."""
        for name in ("c++", "v1.0", "a-b", "küche", "кухня", "μαΐου", "台所", "रसोई", "i18n"):
            self.assertEqual(name, room_name(name, LONG))

    def test_capitals_of_any_language_make_no_difference(self) -> None:
        """Also where a capital has a dot that its small letter has not."""
        for name in ("İzmir", "izmir", "IZMIR", "İZMİR", "i\u0307zmir"):
            self.assertEqual("izmir", room_name(name, LONG))

    def test_what_may_be_a_nickname_may_be_a_room(self) -> None:
        """Every small letter that a person's name may have, a room's may have, and be asked for by its capital."""
        for letter in every_character:
            is_letter = unicodedata.category(letter) not in ("Cn", "Co", "Cs")  # and not what means nothing
            if is_letter and lawful(any_nickname, fold(f"b{letter}b")) is not None:
                self.assertIsNot(None, lawful(room_name, f"b{letter}b"), ascii(letter))

    def test_other_names_are_refused(self) -> None:
        """As for people."""
        for name in ("", "#", "+", "a b", "lоbby", "lobby.", "\u200blobby", "lob\x1bby", "@x", "осо", "x" * (LONG + 1)):
            self.assertRaises(Unlawful, room_name, name, LONG)

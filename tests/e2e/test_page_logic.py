"""
Parts of the page by themselves, in the browser they are for: cases that whole conversations seldom come to.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from chatroom.core.names import fold
from chatroom.events import FOREVER, KINDS, ROOM_CLOSED, Event
from chatroom.sentences import is_personal, sentence
from chatroom.wire import to_object
from tests.client.hostile_markup import HOSTILE
from tests.e2e.pages import PageCase
from tests.vocabulary.vectors import VECTORS

NOON = 1767268800.0

FOLDER = Path(__file__).parents[1] / "vectors"

MARKUP = (
    "<b>b</b> **<img src=x onerror=alert(1)>** *<script>alert(1)</script>* ~~&lt;i&gt;~~ `<i>` me: "
    "[<u>name</u>](https://example.org/%22onmouseover=alert(1)) [a](javascript:alert(1)) ```<svg onload=alert(1)>```"
)

SETTING = """
const { Room } = await import("/room.js");
const { Timeline } = await import("/timeline.js");
const { Words } = await import("/words.js");
const { fill, fillHoles, stillUnsaid } = await import("/history.js");
const at = "2026-01-01T12:00:00.000Z";
const said = (seq, nick, text) => ({ event: "said", room: "lobby", seq, at, nick, text });
const joined = (seq, nick) => ({ event: "joined", room: "lobby", seq, at, nick });
const view = (last, recent = []) => ({
    room: "lobby", topic: "", role: "member", people: [], people_total: 0, recent, last,
    missed: 0, keep: true, invite_only: false, locked: false, created: at,
});
/** A server in which nothing is asked but history, which is this. */
function server(history) {
    const asked = [];
    const ask = async (word, { since, before, limit }) => {
        asked.push(since ?? before);
        const found = history.filter(({ seq }) => seq > (since ?? 0) && seq < (before ?? Infinity));
        const events = since === undefined ? found.slice(-limit) : found.slice(0, limit);
        return { events, more: events.length < found.length, gap: null };
    };
    return { asked, ask, me: { nick: "me" } };
}
function room(last) {
    const made = new Room("lobby");
    made.see(view(last), "me");
    return made;
}
const numbers = ({ timeline }) => timeline.entries.map(({ kind, seq }) => (kind === "hole" ? `hole ${seq}` : seq));
"""


def samples(kind: type[Event]) -> list[Event]:
    """Events of a kind: with something in every field, with nothing, and with every word that says what is done."""
    full: dict[str, Any] = {"str": "x", "bool": True, "int": 30, "float": NOON}
    empty: dict[str, Any] = {"str": "", "bool": False, "int": 1, "float": NOON}
    words = {"role": ["owner", "operator", "member", "moderator", "admin", "none"], "by": ["members", "operators"]}
    words["level"] = ["guests", "accounts", "registered", "off"]
    words["reason"] = ["Too loud!", "too loud", f"{ROOM_CLOSED}: moved"]
    names = [field.name for field in fields(kind)]
    found = []
    for values in (full, empty):
        given = {field.name: values[str(field.type)] for field in fields(kind)}
        if "nick" in names:
            given["nick"] = "alice"
        if "until" in names and values is empty:
            given["until"] = FOREVER
        found.append(given)
        if "seconds" in names:
            found.append({**given, "seconds": 0})
        for name in words.keys() & set(names):
            found += [{**given, name: word} for word in words[name]]
    return [kind(**given) for given in found]


class LogicTests(PageCase):
    """Timelines, catching up, commands."""

    def setUp(self) -> None:
        super().setUp()
        self.page_itself = self.tab("nobody")

    def evaluate(self, script: str) -> Any:
        """What this returns, with the modules of the page at hand."""
        return self.page_itself.run(f"return (async () => {{ {SETTING} {script} }})()")

    def test_kept_and_not_answered(self) -> None:
        """
        A line of mine was kept, and a later one of bob's told to me, but the answer to mine was lost: it is found in
        what is fetched from before mine, and not said again.
        """
        result = self.evaluate("""
            const lobby = room(10);
            lobby.timeline.send({ kind: "said", nick: "me", text: "mine", at: 0, after: lobby.timeline.heard });
            lobby.hear(said(12, "bob", "hi"), "me");
            lobby.see(view(13), "me");
            const there = server([said(11, "me", "mine"), said(12, "bob", "hi"), joined(13, "me")]);
            const mine = await fillHoles(there, lobby);
            return [there.asked, stillUnsaid(lobby, mine).length, numbers(lobby)];
        """)
        self.assertEqual([[10], 0, [11, 12, 13]], result)

    def test_said_twice_on_purpose(self) -> None:
        """Of two equal lines under way of which one was kept, one is sent again, and only one."""
        result = self.evaluate("""
            const lobby = room(10);
            const knock = () => lobby.timeline.send({ kind: "said", nick: "me", text: "knock", at: 0, after: 10 });
            knock(), knock();
            lobby.see(view(11), "me");
            const mine = await fillHoles(server([said(11, "me", "knock")]), lobby);
            return [stillUnsaid(lobby, mine).length, lobby.timeline.entries.length];
        """)
        self.assertEqual([1, 2], result)

    def test_lost_again_while_catching_up(self) -> None:
        """A connection that is lost in the middle of catching up leaves a gap that is filled the next time."""
        result = self.evaluate("""
            const lobby = room(10);
            const history = Array.from({ length: 500 }, (_, n) => said(11 + n, "bob", String(n)));
            lobby.see(view(510), "me");
            const there = server(history), { ask } = there;
            there.ask = (word, given) => (given.since > 300 ? Promise.reject(new Error("lost")) : ask(word, given));
            await fillHoles(there, lobby).catch(() => {});
            lobby.hear(said(511, "bob", "live"), "me");
            const between = numbers(lobby).filter((each) => typeof each === "string");
            lobby.see(view(511), "me");
            await fillHoles(server([...history, said(511, "bob", "live")]), lobby);
            return [between, numbers(lobby).join() === Array.from({ length: 501 }, (_, n) => 11 + n).join()];
        """)
        self.assertEqual([["hole 411"], True], result)

    def test_numbers_that_are_gone(self) -> None:
        """What the server does not keep any more is a gap that is said and stays; what it has is there."""
        result = self.evaluate("""
            const lobby = room(10);
            lobby.see(view(20), "me");
            const there = server([]);
            there.ask = async () => ({ events: [said(18, "bob", "x")], more: false, gap: [11, 17] });
            await fillHoles(there, lobby);
            return [numbers(lobby), lobby.timeline.entries[0].lost];
        """)
        self.assertEqual([["hole 11", 18], True], result)

    def test_order(self) -> None:
        """Entries stand in the order of their numbers, notes where they came, what is being sent behind everything."""
        result = self.evaluate("""
            const line = new Timeline();
            const talk = (seq) => line.add({ kind: "said", seq, nick: "bob", text: "", at: 0, state: "" });
            talk(5);
            const sending = line.send({ kind: "said", nick: "me", text: "", at: 0, after: 5 });
            line.add({ kind: "note", lines: [], at: 0 });
            talk(7), talk(6), talk(7);
            const before = line.entries.map(({ kind, seq }) => `${kind} ${seq}`);
            line.sent(sending, 8, 0);
            talk(8);
            return [before, line.entries.map(({ kind, seq }) => `${kind} ${seq}`)];
        """)
        before = ["said 5", "note 5", "said 6", "said 7"]
        self.assertEqual([[*before, "said Infinity"], [*before, "said 8"]], result)

    def test_server_of_another_mind(self) -> None:
        """Names that no server of ours would give a room, times that are none and events nobody knows stop nothing."""
        result = self.evaluate("""
            const { Server } = await import("/server.js");
            const { Hearing } = await import("/hearing.js");
            const { Lines } = await import("/lines.js");
            const { Side } = await import("/side.js");
            const { Address } = await import("/address.js");
            const link = { request: async () => ({ people: [], people_total: 0 }) };
            const there = new Server(link);
            there.me = { nick: "me", account: true, away: "" };
            new Hearing(there, link).entrance = { called() {}, proved() {} };
            const lines = new Lines(there, () => {});
            const side = new Side(there, {});
            const address = new Address(there, {});
            const long = "x".repeat(5000);
            const names = ["a\\nb", "__proto__", "constructor", "a\\ud800b", "", " ", long, "\\u202e", "</li>"];
            const kinds = "said acted topic joined renamed kicked constructor __proto__ locked lockdown staff report";
            let seq = 0;
            const shown = [];
            for (const name of names) {
                there.goInto({ ...view(0), room: name, topic: name });
                const whole = { nick: name, text: name, who: name, new: name, reason: name, at: "never" };
                for (const event of [...kinds.split(" "), "audit", "gap", "whispered", "invited", "mailed"])
                    for (const more of [{}, { ...whole, level: "toString", role: "valueOf", until: "never" }])
                        link.onevent({ event, room: name, seq: ++seq, ...more });
                lines.show(there.current);
                side.draw();
                address.show(there.current);
                shown.push(document.querySelectorAll("#lines li").length > 10);
            }
            history.replaceState(null, "", "/");
            return [shown, there.rooms.size];
        """)
        self.assertEqual([[True] * 9, 9], result)

    def test_calls_and_links(self) -> None:
        """Names and addresses are found in a text as tests/vectors has it, and as the client does."""
        for name, nick, where in (("mentions", "each.nick", "calls"), ("links", "", "links")):
            rows = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["cases"]
            self.assertGreater(len(rows), 100)
            found = self.evaluate(f"""
                const {{ {where} }} = await import("/{where}.js");
                return {json.dumps(rows)}.map((each) =>
                    {where}(each.text, {nick}).map(([start, end]) => each.text.slice(start, end)));
            """)
            for row, pieces in zip(rows, found, strict=True):
                self.assertEqual(row[where], pieces, row)

    def test_formatting(self) -> None:
        """A text is formatted as tests/vectors has it, and as the client does."""
        rows = json.loads((FOLDER / "formatting.json").read_text(encoding="utf-8"))["cases"]
        self.assertGreater(len(rows), 100)
        found = self.evaluate(f"""
            const {{ spans }} = await import("/formatting.js");
            return {json.dumps(rows)}.map((each) =>
                spans(each.text).map(({{ text, styles, link }}) => [text, styles.join(" "), link]));
        """)
        for row, pieces in zip(rows, found, strict=True):
            self.assertEqual(row["spans"], pieces, row)

    def test_formatting_is_linear(self) -> None:
        """A text sixteen times as long as a message may be is done within a second, whatever its shape."""
        slow = self.evaluate(f"""
            const {{ spans }} = await import("/formatting.js");
            const took = (text) => {{
                const begin = performance.now();
                spans(text);
                return performance.now() - begin;
            }};
            return {json.dumps(HOSTILE)}.map((text) => text.repeat(16)).filter((text) =>
                Math.min(took(text), took(text), took(text)) > 1000).map((text) => text.slice(0, 12));
        """)
        self.assertEqual([], slow)

    def test_what_is_said_is_text(self) -> None:
        """However it is formatted, what somebody said makes elements of formatting and no others, and no HTML."""
        found = self.evaluate(f"""
            const {{ rich }} = await import("/text.js");
            const box = document.createElement("div");
            box.append(...rich({json.dumps(MARKUP)}, "me"));
            const tags = new Set([...box.querySelectorAll("*")].map((each) => each.localName));
            const links = [...box.querySelectorAll("a")].map((each) => each.href);
            const attributes = new Set([...box.querySelectorAll("*")].flatMap((each) => each.getAttributeNames()));
            return [[...tags].sort(), links, [...attributes].sort(), box.innerText.includes("<img src=x")];
        """)
        self.assertEqual(["a", "bdi", "code", "em", "mark", "pre", "s", "strong"], found[0])
        self.assertEqual(
            ["https://example.org/%22onmouseover=alert(1)"], [each.replace('"', "%22") for each in found[1]]
        )
        self.assertEqual(["class", "href", "rel", "tabindex", "target"], found[2])
        self.assertTrue(found[3])

    def test_sentences(self) -> None:
        """The page has the words that people in a terminal read, also for the person to whom something happened."""
        at = self.evaluate(f"return (await import('/sentences.js')).moment({NOON * 1000})")
        events = [event for kind in KINDS.values() for event in samples(kind)]
        kinds, personal = set(), set()
        for reader in ("", "bob", "X"):  # everybody, somebody else, and the person concerned in another letter case
            told = self.evaluate(f"""
                const {{ sentence }} = await import("/sentences.js");
                return {json.dumps([to_object(event) for event in events])}.map((event) =>
                    sentence(event, {json.dumps(reader)})
                        .map((part) => part.nick ?? part.text ?? part.said ?? part).join(""));
            """)
            for event, words in zip(events, told, strict=True):
                if words != f"{getattr(event, 'nick', '')}: {event.kind}":  # else the page shows it in another way
                    kinds.add(event.kind)
                    self.assertEqual(sentence(event, lambda _: str(at), reader).split("\n")[0], words, event)
                    if words != sentence(event, lambda _: str(at)).split("\n")[0]:
                        personal.add((reader, event.kind))
        self.assertEqual({("X", event.kind) for event in events if is_personal(event)}, personal)
        self.assertLess({"joined", "kicked", "slow", "locked", "lockdown", "topic-rule", "role", "report"}, kinds)
        self.assertGreater(len(kinds), 24)

    def test_folding(self) -> None:
        """Two nicknames are one person's here where the server says so."""
        names = [
            "Straße",
            "ΣΊΣΥΦΟΣ",
            "σίσυφος",
            "İpek",
            "ipek",
            "IPEK",
            "STRASSE",
            "STRAẞE",
            "ß",
            "ẞ",
            "ıldız",
            "ＡＢＣ",
            "ﬁ",
            "Ⅷ",
            "Ꭰ",
            "ǅ",
            "ŉ",
            "ΐ",
            "ſ",
            "K",
        ]
        server = [fold(fold(name)) for name in names]
        page = self.evaluate(f"""
            const {{ fold }} = await import("/calls.js");
            return {json.dumps(names)}.map(fold);
        """)
        same = [[one == other for other in names] for one in names]
        self.assertEqual(
            [[one == other for other in server] for one in server], [[one == other for other in page] for one in page]
        )
        self.assertNotEqual(same, [[one == other for other in page] for one in page])

    def test_what_a_typed_line_means(self) -> None:
        """The page reads the table of tests/vectors/commands.json as the server does."""
        result = self.evaluate(f"""
            const {{ understand }} = await import("/meaning.js");
            const meanings = {json.dumps([row["typed"] for row in VECTORS])}.map((typed) => {{
                const {{ word, typed: exactly, ...meaning }} = understand(typed);
                if (meaning.means !== "command") return {{ typed, ...meaning }};
                return {{ typed, ...meaning, word, ...(exactly === meaning.rest ? {{}} : {{ exactly }}) }};
            }});
            return JSON.stringify(meanings); // the driver takes no half characters, and JSON does
        """)
        self.assertEqual(VECTORS, json.loads(result))

    def test_typed_commands(self) -> None:
        """Arguments are taken apart as the server does for people; too little or too much is told."""
        result = self.evaluate("""
            const plain = { required: true, rest: false, by_name: false, secret: false };
            const p = (name, more = {}) => ({ ...plain, name, ...more });
            const { understand } = await import("/meaning.js");
            const words = new Words();
            words.learn([
                { word: "kick", aliases: ["k"], usage: "/kick NICK [REASON ...]", parameters: [
                    p("nick"), p("reason", { required: false, rest: true }),
                    p("room", { required: false, by_name: true }),
                ] },
                { word: "login", aliases: [], usage: "/login NAME PASSWORD", parameters:
                    [p("name"), p("password", { secret: true, rest: true })] },
                { word: "passwd", aliases: [], usage: "/passwd OLD NEW", parameters:
                    [p("old", { secret: true }), p("new", { secret: true, rest: true })] },
                { word: "nick", aliases: [], usage: "/nick [NICK]", parameters: [p("nick", { required: false })] },
                { word: "poll", aliases: [], usage: "/poll", parameters:
                    [p("question", { quoted: true }), p("choices", { rest: true })] },
            ]);
            const parse = (typed) => {
                try { return { ...words.parse(understand(typed)).given }; } catch (error) { return error.message; }
            };
            return [
                parse("/K bob  for being  rude "), parse("/kick"), parse("/nick a b"), parse("/unknown x"),
                words.isSecret("\\u200b/login bob hunter2"), words.isSecret("/kick bob"), words.isSecret("login bob x"),
                words.argumentAt("/kick b"), words.argumentAt("/nick b"), words.argumentAt("/kick bob x y"),
                parse("/login bob  hunter 2 "), parse("\u3000/login\u00a0bob hunter\u3000"), parse("/login bob  "),
                parse("/passwd old  new "), parse("/constructor x"),
                parse('/poll "Tea or \\\\"coffee\\\\"?" tea "black coffee"'), parse("/poll \u201cTea?\u201d a b"),
                parse("/poll Tea? a b"), parse('/poll "Tea? a b'),
            ];
        """)
        expected = [
            {"nick": "bob", "reason": "for being  rude"},
            "Missing NICK. Usage: /kick NICK [REASON ...]",
            "Too many words. Usage: /nick [NICK]",
            {},
            True,
            False,
            True,
            "nick",
            None,
            None,
            {"name": "bob", "password": " hunter 2 "},
            {"name": "bob", "password": "hunter\u3000"},
            "Missing PASSWORD. Usage: /login NAME PASSWORD",
            {"old": "old", "new": " new "},
            {},
            {"question": 'Tea or "coffee"?', "choices": 'tea "black coffee"'},
            {"question": "Tea?", "choices": "a b"},
            {"question": "Tea?", "choices": "a b"},
            "The quote before 'Tea? a b' is not closed.",
        ]
        self.assertEqual(expected, result)

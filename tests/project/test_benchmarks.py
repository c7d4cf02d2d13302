"""
The benchmark: what it says, what it makes of what it measured, and how it reads /proc.

That a delivery gone wrong fails the run is shown in tests/e2e/test_load.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from benchmarks import cells, picture, procfs, results, table, written
from benchmarks import goals as goals_of
from benchmarks.cluster_goals import Figures, described, restructured
from benchmarks.dialects import ChatroomLines, Irc, NatsCore, filler, nick
from benchmarks.goals import goals
from benchmarks.load import BUCKET, percentile
from benchmarks.results import MEMORY, P99, RATE, Row, Sample, Spread
from chatroom.core.cleaning import clean
from chatroom.meaning import is_plain


def sample(server: str, value: float, *, cell: str = "room", measure: str = "rate", round: int = 1) -> Sample:
    """One number."""
    return Sample(cell, f"the cell {cell}", server, measure, round, value)


class GoalsTests(SynchronousTestCase):
    """What was set out to be reached, and whether it is."""

    def found(self, *samples: Sample) -> list[tuple[str, bool]]:
        """What was found of each goal, and whether it is reached."""
        return [(goal.found, goal.reached) for goal in goals(results.rows(samples))]

    def test_as_much_as_the_best_of_the_others(self) -> None:
        """In most cells; in crowded rooms, twice as much."""
        for cell, ours, found in (
            ("whispers", 3.0, ("1.00 x NATS", True)),
            ("whispers", 2.9, ("0.97 x NATS", False)),
            ("room-1000", 6.0, ("2.00 x NATS", True)),
            ("room-1000", 5.9, ("1.97 x NATS", False)),
        ):
            rates = {"chatroom": ours, "ngIRCd": 1.0, "NATS": 3.0}
            self.assertEqual([found], self.found(*(sample(name, rate, cell=cell) for name, rate in rates.items())))

    def test_memory(self) -> None:
        """8 KiB for somebody who says nothing."""
        for size, reached in ((8192, True), (8193, False)):
            [(_, found)] = self.found(sample("chatroom", size, measure="memory"))
            self.assertEqual(reached, found)

    def test_latency_is_held_against_one_rival(self) -> None:
        """At 500 lines a second, and 2 ms are given."""
        for ours, reached in ((0.012, True), (0.013, False)):
            samples = [
                sample(name, value, cell="latency-500", measure="p99")
                for name, value in (("chatroom", ours), ("InspIRCd", 0.01), ("NATS", 0.001))
            ]
            self.assertEqual([reached], [found for _, found in self.found(*samples)])

    def test_people_who_do_not_read_cost_the_others_little(self) -> None:
        """Less than as much again, compared with the same cell with none of them."""
        for deaf, reached in ((0.02, True), (0.021, False)):
            samples = [
                sample("chatroom", value, cell=cell, measure="p99")
                for cell, value in (("latency-100", 0.01), ("latency-100-deaf", deaf))
            ]
            self.assertEqual([reached], [found for _, found in self.found(*samples)])

    def test_nothing_is_said_of_what_was_not_measured(self) -> None:
        """Where no other server is installed, there is nothing to be as good as."""
        self.assertEqual([], self.found(sample("chatroom", 1.0)))

    def test_cells_are_there(self) -> None:
        """Every goal is about a cell that is measured."""
        keys = {cell.key for group in cells.GROUPS for cell in group.cells}
        self.assertLessEqual({*goals_of.TWICE, goals_of.LATENCY, written.QUOTED}, keys)
        deaf = {key.removesuffix(goals_of.DEAF) for key in keys if key.endswith(goals_of.DEAF)}
        self.assertTrue(deaf)
        self.assertLessEqual(deaf, keys)


class WrittenTests(SynchronousTestCase):
    """What docs/ and README say of the last run."""

    FACTS: ClassVar = {
        "when": "2026-11-21",
        "machine": {"processor": "a processor", "processors": 2, "system": "Linux 6"},
        "versions": {"chatroom": "chatroom 1", "NATS": "NATS 2"},
        "rounds": 1,
    }

    def test_docs_and_readme_say_what_was_measured(self) -> None:
        """Nobody has to edit a number by hand, and nobody did. To repair: python -m benchmarks --again."""
        for folder in (written.DOCS, written.IRC):
            for path, text in written.made(folder).items():
                self.assertEqual(text, path.read_text(encoding="utf-8"), f"{path.name}: python -m benchmarks --again")

    def test_page_shows_everything_that_is_made(self) -> None:
        """No table or picture is left out of it."""
        page = (written.DOCS.parent / "performance.rst").read_text(encoding="utf-8")
        for path in {**written.made(written.DOCS), **written.made(written.IRC)}:
            if path != written.README:
                self.assertIn(f":: performance/{path.relative_to(written.DOCS)}\n", page)

    def test_run_is_written_down(self) -> None:
        """Numbers, tables and pictures; README is about the run in docs/ alone."""
        folder, before = Path(self.mktemp()), written.README.read_text(encoding="utf-8")
        samples = [sample(name, value, cell=written.QUOTED) for name, value in (("chatroom", 6e6), ("NATS", 2e6))]
        written.write(folder, samples, self.FACTS)
        names = {path.name for path in folder.iterdir()}
        self.assertEqual({"results.json", "table.rst", "goals.rst", "about.rst", "rates.svg"}, names)
        self.assertIn("3.00 x NATS", (folder / "goals.rst").read_text(encoding="utf-8"))
        self.assertIn("2 processors (a processor)", (folder / "about.rst").read_text(encoding="utf-8"))
        self.assertEqual(before, written.README.read_text(encoding="utf-8"))

    def test_readme_quotes_one_cell(self) -> None:
        """With the best of the others by its name, whatever comes out."""
        samples = [sample(name, value, cell=written.QUOTED) for name, value in (("chatroom", 6e6), ("NATS", 8e6))]
        line = written.sentence(results.rows(samples))
        assert line is not None
        self.assertIn("6.00 million", line)
        self.assertIn("0.8 times as many as NATS", line)
        text = written.replaced(f"Before\n\n{written.MARK}\n\nOld\nline.\n\nAfter\n", line)
        self.assertEqual(f"Before\n\n{written.MARK}\n\n{line}\n\nAfter\n", text)

    def test_run_in_irc(self) -> None:
        """A run in IRC has tables and pictures of its own, and neither goals nor a sentence in README."""
        folder = Path(self.mktemp())
        samples = [sample(name, value, cell=written.QUOTED) for name, value in (("chatroom IRC", 6e6), ("Ergo", 2e6))]
        written.write(folder, samples, {**self.FACTS, "versions": {"chatroom IRC": "chatroom 1", "Ergo": "ergo-2"}})
        names = {path.name for path in folder.iterdir()}
        self.assertEqual({"results.json", "table.rst", "about.rst", "rates.svg"}, names)
        self.assertIn("3.00 x Ergo", (folder / "table.rst").read_text(encoding="utf-8"))
        self.assertIsNone(written.sentence(results.rows(samples)))

    def test_own_are_no_peers(self) -> None:
        """Our server, spoken to in another way, is nothing to compare us with."""
        found = [sample(name, value) for name, value in (("chatroom", 6.0), ("chatroom IRC", 9.0), ("ngIRCd", 2.0))]
        [row] = results.rows(found)
        self.assertEqual(("ngIRCd", 3.0), (row.best_peer(), row.ratio()))

    def test_nothing_to_quote(self) -> None:
        """Without others to compare with, README keeps what it says."""
        self.assertIsNone(written.sentence(results.rows([sample("chatroom", 1.0, cell=written.QUOTED)])))
        self.assertRaises(ValueError, written.replaced, "no place for it", "line")


class ResultsTests(SynchronousTestCase):
    """Medians, spreads and ratios."""

    def test_rounds_become_a_spread(self) -> None:
        """The middle one counts; the least and the most say how far to trust it."""
        [row] = results.rows([sample("chatroom", value, round=at) for at, value in enumerate([3.0, 9.0, 1.0])])
        self.assertEqual({"chatroom": Spread(3.0, 1.0, 9.0)}, row.servers)

    def test_rows_are_by_cell_and_measure(self) -> None:
        """In the order in which they were measured."""
        made = results.rows(
            [
                sample("a", 1.0, cell="x"),
                sample("a", 2.0, cell="y"),
                sample("b", 3.0, cell="x"),
                sample("a", 4.0, measure="p99"),
            ]
        )
        self.assertEqual([("x", "rate"), ("y", "rate"), ("room", "p99")], [(r.cell, r.measure.key) for r in made])
        self.assertEqual({"a", "b"}, made[0].servers.keys())

    def test_ratio_is_to_the_best_peer(self) -> None:
        """Whichever it is, and never to chatroom itself."""
        [row] = results.rows([sample("chatroom", 6.0), sample("ngIRCd", 2.0), sample("InspIRCd", 3.0)])
        self.assertEqual(("InspIRCd", 2.0), (row.best_peer(), row.ratio()))

    def test_ratio_where_less_is_better(self) -> None:
        """Half the latency is twice as good."""
        row = Row("c", "c", P99, {"chatroom": Spread(0.01, 0.01, 0.01), "NATS": Spread(0.02, 0.02, 0.02)})
        self.assertEqual(2.0, row.ratio())

    def test_no_ratio_without_peers(self) -> None:
        """Where none is installed, only our own numbers are shown."""
        [row] = results.rows([sample("chatroom", 6.0)])
        self.assertEqual((None, None), (row.best_peer(), row.ratio()))

    def test_what_is_put_off_is_counted(self) -> None:
        """Work done after the clock has stopped is work all the same."""
        measured = Sample("c", "c", "chatroom", "rate", 1, 90.0, {"cpu": 1.0, "deliveries": 90.0, "lines": 10.0})
        whole = results.with_afterwards(measured, 0.05)
        self.assertEqual(("c-all", 60.0, 1.5), (whole.cell, whole.value, whole.facts["cpu"]))

    def test_numbers_can_be_read_back(self) -> None:
        """The JSON file holds every sample."""
        samples = [sample("chatroom", 1.0), sample("NATS", 2.0, measure="memory")]
        made = results.as_json(samples, {"rounds": 1})
        self.assertEqual(samples, results.from_json(made))
        self.assertEqual(1, made["rounds"])
        self.assertRaises(ValueError, results.from_json, {**made, "format": 0})

    def test_nothing_has_no_spread(self) -> None:
        """There is no median of no numbers."""
        self.assertRaises(ValueError, Spread.of, [])


class PercentileTests(SynchronousTestCase):
    """Latencies out of a histogram."""

    def test_the_slow_few(self) -> None:
        """99 lines at once and one late one: the median is early, the last hundredth is late."""
        histogram = [99] + [0] * 99 + [1]
        self.assertAlmostEqual(BUCKET, percentile(histogram, 0.99))
        self.assertAlmostEqual(101 * BUCKET, percentile(histogram, 1.0))

    @given(st.lists(st.integers(0, 300), min_size=1), st.floats(0.01, 1.0))
    def test_as_in_a_sorted_list(self, buckets: list[int], share: float) -> None:
        """It is the value at that place among all, sorted."""
        histogram = [0] * 301
        for bucket in buckets:
            histogram[bucket] += 1
        found = round(percentile(histogram, share) / BUCKET) - 1
        enough = sum(bucket <= found for bucket in buckets)
        fewer = sum(bucket < found for bucket in buckets)
        self.assertGreaterEqual(enough, len(buckets) * share - 1e-9)
        self.assertLess(fewer, len(buckets) * share)

    def test_nothing_delivered(self) -> None:
        """Has no latency."""
        self.assertRaises(ValueError, percentile, [0, 0], 0.5)


class ProcTests(SynchronousTestCase):
    """What the operating system says."""

    STAT = "4242 (my (odd) name) S 17 1 1 0 -1 4194304 9 9 0 0 150 50 25 25 20 0 3 0 100 1 1"

    def test_processor_time(self) -> None:
        """It is utime, stime and those of children that ended; a name may have parentheses and spaces in it."""
        parent, seconds = procfs.parse_stat(self.STAT)
        self.assertEqual((17, 250 / procfs.TICKS), (parent, seconds))

    def test_busy(self) -> None:
        """The processors work except in their fourth and fifth figures; guests are users already."""
        stat = "cpu  100 20 30 4000 500 6 7 8 9 1\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
        self.assertEqual(171 / procfs.TICKS, procfs.parse_busy(stat))

    def test_memory(self) -> None:
        """The kernel counts in kibibytes."""
        self.assertEqual(2048, procfs.parse_resident("Name:\tx\nVmPeak:\t9 kB\nVmRSS:\t       2 kB\n"))
        self.assertRaises(ValueError, procfs.parse_resident, "Name:\tx\n")


class TextTests(SynchronousTestCase):
    """What is said."""

    def test_lines_are_such_as_people_say(self) -> None:
        """What is said in a benchmark is talk at first sight, as nearly all that people say."""
        for ascii in (True, False):
            self.assertTrue(is_plain("=0012.0000004a=" + filler(65, ascii).decode()))

    @given(st.integers(16, 500), st.booleans())
    def test_filler_is_as_long_as_asked_and_unharmed(self, size: int, ascii: bool) -> None:
        """In bytes, whole characters, and nothing that a chat room would change."""
        made = filler(size, ascii)
        self.assertEqual(size, len(made))
        self.assertEqual(made.decode(), clean(made.decode()).strip())
        if ascii:
            self.assertTrue(made.isascii())

    def test_all_cells_can_be_said(self) -> None:
        """IRC takes 512 bytes in a line, with all that a server puts before it."""
        for group in cells.GROUPS:
            for cell in group.cells:
                whole = Irc().say("room0", cell.talk.size) + b":m0000!~m0000@127.0.0.1 " + b"x" * cell.talk.size
                self.assertLessEqual(len(whole) + 2, 512, cell.title)
                self.assertLessEqual(cell.talk.talkers, group.gathering.talkers, cell.title)

    def test_everybody_is_asked_for_the_same_sign(self) -> None:
        """One token per step, for all who come in together."""
        for dialect in (ChatroomLines(), Irc(), NatsCore()):
            for steps in (
                [dialect.come_in(nick(at)) for at in (0, 4999)],
                [dialect.enter("room0", at) for at in (True, False)],
            ):
                self.assertEqual([each.token for each in steps[0]], [each.token for each in steps[1]])

    def test_quick_run_is_less(self) -> None:
        """Fewer cells, of those that there are."""
        titles = {cell.title for group in cells.GROUPS for cell in group.cells}
        quick = [cell for group in cells.quick(cells.GROUPS) for cell in group.cells]
        self.assertTrue(0 < len(quick) < len(titles))
        self.assertLessEqual({cell.title for cell in quick}, titles)


class ShownTests(SynchronousTestCase):
    """Tables and the picture."""

    ROWS = [
        Row("a", "a <cell>", RATE, {"chatroom": Spread(4e6, 3e6, 5e6), "NATS": Spread(2e6, 2e6, 2e6)}),
        Row("b", "memory", MEMORY, {"chatroom": Spread(5120.0, 5120.0, 5120.0)}),
    ]

    def test_table(self) -> None:
        """Scaled, with the spread and the ratio; a server that was not there has an empty cell."""
        made = table.plain(self.ROWS, ["chatroom", "NATS"])
        self.assertIn("4.00 (3.00-5.00)  2.00  2.00 x NATS", made)
        self.assertIn("memory  5.0", made)
        self.assertIn("less is better", made)

    def test_restructured(self) -> None:
        """A list-table per measure: every row has as many columns as the first."""
        made = table.restructured(self.ROWS, ["chatroom", "NATS"])
        self.assertEqual(2, made.count(".. list-table::"))
        self.assertEqual(4, made.count("   * -"))
        self.assertEqual(4 * 3, made.count("     -"))

    def test_picture(self) -> None:
        """Well-formed SVG, a bar for each number; a longer one for more."""
        made = ElementTree.fromstring(picture.draw(self.ROWS[:1], ["chatroom", "NATS"]))
        bars = [each for each in made.iter("{http://www.w3.org/2000/svg}rect") if len(each)]
        self.assertEqual(2, len(bars))
        self.assertGreater(float(bars[0].get("width", "0")), float(bars[1].get("width", "0")))
        self.assertRaises(ValueError, picture.draw, [], ["chatroom"])

    def test_scale(self) -> None:
        """Ten times as much is as far everywhere."""
        scale = picture.Scale([0.5, 20.0])
        self.assertEqual([0.1, 1.0, 10.0, 100.0], scale.marks())
        self.assertAlmostEqual(scale.at(5.0) - scale.at(0.5), scale.at(50.0) - scale.at(5.0))


ABOUT = {
    "when": "2026-11-30", "processor": "a chip", "processors": 2, "system": "Linux 6.1", "engine": "PostgreSQL 15.1",
    "python": "3.11.7", "rounds": 3, "seconds": 4.0, "others": 0.04,
}  # fmt: skip

REACHED = {
    "two nodes, flood: lines a second": 25_000.0,
    "two nodes, flood: us a line in all": 60.0,
    "a third that listens, flood: us a line, west listens": 7.0,
    "a third that listens, flood: us a line, PostgreSQL for west": 3.0,
    "a third that listens, steady: us a line, west listens": 40.0,
    "a third that listens, steady: us a line, PostgreSQL for west": 20.0,
    "north to south: ms, the median": 2.0,
    "north to south: ms a commit of one line, as rare": 0.4,
    "start: s of processors": 1.0,
    "start: s of the clock": 1.3,
    "memory: bytes a remote person": 1024.0,
}
"""Figures that just reach every goal."""


class ClusterGoalsTests(SynchronousTestCase):
    """What several nodes set out to reach."""

    def missed(self, **other: float) -> list[str]:
        """The goals that are missed with one figure otherwise, by what they begin with."""
        figures = Figures({**REACHED, **{name.replace("_", " "): value for name, value in other.items()}}, ABOUT)
        return [goal.wish for goal in figures.goals() if not goal.reached]

    def test_all_reached(self) -> None:
        """Each goal is reached by the figure it names."""
        self.assertEqual([], self.missed())
        self.assertEqual(6, len(Figures(REACHED, ABOUT).goals()))

    def test_each_can_be_missed(self) -> None:
        """Any figure that is a little worse misses one goal, and no other."""
        for name, worse in (
            ("two nodes, flood: lines a second", 24_999.0),
            ("a third that listens, flood: us a line, west listens", 7.1),
            ("a third that listens, flood: us a line, PostgreSQL for west", 3.1),
            ("a third that listens, steady: us a line, west listens", 40.1),
            ("a third that listens, steady: us a line, PostgreSQL for west", 20.1),
            ("north to south: ms, the median", 2.1),
            ("start: s of processors", 1.1),
            ("memory: bytes a remote person", 1025.0),
        ):
            self.assertEqual(1, len(self.missed(**{name: worse})), name)

    def test_slow_disk(self) -> None:
        """Where a commit takes long, a line may take twice as long to the other node."""
        slow = {"north to south: ms a commit of one line, as rare": 5.0, "north to south: ms, the median": 10.0}
        self.assertEqual([], self.missed(**slow))

    def test_page(self) -> None:
        """The page names the machine, each goal and each figure."""
        page = restructured(Figures(REACHED, ABOUT))
        shown = [text for name in REACHED for text in described(name)]
        for text in ("2 processors (a chip)", "PostgreSQL 15.1", "25,000 lines a second", *shown):
            self.assertIn(text, page)

    def test_busy_machine(self) -> None:
        """The page says how much other programs used, and what that means for the figures if it is much."""
        quiet, busy = (restructured(Figures(REACHED, {**ABOUT, "others": share})) for share in (0.04, 0.45))
        self.assertIn("Other programs\nused 4% of the processors meanwhile.\n", quiet)
        self.assertIn("45% of the processors meanwhile, so a quiet machine has higher rates", busy)

    def test_figures_are_described(self) -> None:
        """A figure of one node says which, and whether it has people; other figures say it by a table."""
        case = "two nodes with people and one without, in bulk"
        for what, shown in (
            ("us a line in all", "µs a line, all processes"),
            ("us a line, PostgreSQL", "µs a line, PostgreSQL"),
            ("us a line, PostgreSQL for west", "µs a line, PostgreSQL's processes that serve west (a part of it)"),
            ("us a line, north talks", "µs a line, node north, with people"),
            ("us a line, west listens", "µs a line, node west, without people"),
        ):
            self.assertEqual((case, shown), described(f"a third that listens, flood: {what}"))

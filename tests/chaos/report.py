"""
What a run of make chaos saw, as text: for the terminal, and for docs/.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.chaos.disturbances import CALM, Kill

if TYPE_CHECKING:
    from tests.chaos.run import Chaos


def report(chaos: Chaos) -> list[str]:
    """Lines, the last one with the verdict."""
    ledger, options = chaos.ledger, chaos.options
    done = chaos.of_nodes.done + chaos.of_databases.done
    wires = "namespaces of the network" if options.namespaces else "a proxy"
    ends = [status for node in chaos.nodes for status in node.ends]
    upgrades = sum(node.upgrades for node in chaos.nodes)
    goodbyes, failovers = goodbye_times(chaos), failover_times(chaos)
    lines = [
        f"seed {options.seed}, {chaos.seconds:.0f} seconds, 3 daemons, 2 PostgreSQL, wires cut by {wires}",
        *(f"{times:5} {name}" for name, times in done.most_common()),
        f"{len(chaos.people)} people, who connected {sum(each.visits for each in chaos.people):,} times",
        f"{len(ledger.lines):,} lines sent, {len(ledger.acknowledged):,} acknowledged, {len(ledger.read):,} read",
        f"{len(ledger.letters):,} whispers, {len(ledger.goodbyes):,} goodbyes",
        f"{chaos.thefts} nicknames of the dead taken by strangers, behind the goodbye",
        f"{upgrades} handed over, {ends.count(3)} fenced, {len(ends) - ends.count(3)} ended without a database",
        *(f"kill -9 to goodbye, {when}: {spread(times)}" for when, times in goodbyes.items()),
        f"promotion of the standby: {spread([after - before for before, after, _ in failovers])}",
        f"from there to the next answer: {spread([silence for _, _, silence in failovers])}",
    ]
    return [*lines, f"{done.total()} disturbances, {len(ledger.lines)} lines: {ledger.faults.summary()}"]


def spread(times: Sequence[float]) -> str:
    """Seconds, for people."""
    if not times:
        return "not measured"
    known = sorted(times)
    return f"{known[len(known) // 2]:.1f} s (half), {known[-1]:.1f} s (longest), {len(known)} times"


WELL, BOTH, OTHERS = "all else well", "the daemon that buries killed too", "while something else failed"
"""What else was the matter when a daemon was killed."""


def goodbye_times(chaos: Chaos) -> dict[str, list[float]]:
    """Seconds from each kill to the goodbye of each who was there, by what else was the matter."""
    found: dict[str, list[float]] = {WELL: [], BOTH: [], OTHERS: []}
    for kill, nick in chaos.kills:
        after = [at for at, who in chaos.ledger.goodbyes if who == nick and at >= kill.at]
        for at in after[:1]:
            found[_matter(chaos, kill, at)].append(at - kill.at)
    return found


def _matter(chaos: Chaos, kill: Kill, goodbye: float) -> str:
    """Of the time from a lease before the kill on, as daemons that could not beat since then bury nobody."""
    of_nodes = chaos.of_nodes.spans
    own = next((span for span in of_nodes if span.began <= kill.at <= span.ended), None)
    others = [*chaos.of_databases.spans, *(span for span in of_nodes if span is not own)]
    if own is None or any(span.began <= goodbye and span.ended >= kill.at - CALM for span in others):
        return OTHERS
    killed = {each.node.name for each, _ in chaos.kills if own.began <= each.at <= own.ended}
    return WELL if len(killed) == 1 else BOTH


def failover_times(chaos: Chaos) -> list[tuple[float, float, float]]:
    """Of each promotion, when it began and ended, and the seconds from then to the next answer to anybody."""
    found = []
    for began, promoted in chaos.of_databases.promotions:
        after = [at - promoted for at in chaos.ledger.answers if at >= promoted]
        if after:
            found.append((began, promoted, after[0]))
    return found

"""
What people type: C{/poll}, C{/vote}, C{/results} and C{/endpoll}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatroom.commands.base import Command, number, words
from chatroom.commands.times import duration, spell
from chatroom.errors import BadArguments, Filtered, NeedsAccount, NotAllowed
from chatroom.interfaces import Answer, ICaller, Parameter, Role, ServerRole
from chatroom_poll.ballot import Ballot, tidy
from chatroom_poll.service import Poll

LENGTH = 200
"""Characters of a question; a choice has half as many."""

NUMBER = Parameter("poll", required=False, help="its number; default: the newest one")
TIME = Parameter("time", required=False, by_name=True, help="how long it is open: 10m, 2h, 7d")
LONGEST = 28 * 86400


class PollCommand(Command):
    """A command about polls in the current room."""

    family = "Polls"
    role = Role.MEMBER

    def __init__(self, poll: Poll) -> None:
        """@param poll: the service."""
        self.poll = poll


class OpenPoll(PollCommand):
    """C{/poll}."""

    name = "poll"
    summary = "ask the room, and count one vote of each person"
    details = (
        'Put a question or a choice in quotes if it has blanks: /poll "Tea or coffee?" tea "black coffee" time=10m. '
        "time= is how long the poll is open, from 1m to 28d. People vote with /vote. Nobody sees who voted for what."
    )
    parameters = (
        Parameter("question", required=True, quoted=True, help="in quotes if it has blanks"),
        Parameter("choices", required=True, many=True, help="two or more, each in quotes if it has blanks"),
        TIME,
    )

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """Say the question as the caller, so that mutes, slow mode and filters hold for it, and store the poll."""
        poll, room, identity = self.poll, caller.room, caller.identity
        assert room is not None and identity is not None  # the server has checked the role in the room
        choices, seconds = _choices(arguments)
        seconds = seconds or poll.option("minutes") * 60
        ballot = Ballot(0, room, tidy(arguments["question"]), choices, identity, caller.now() + seconds)
        _check(ballot, poll.option("max"))
        poll.check_may_open(room)
        ballot = replace(ballot, number=poll.next_number())
        text = f"opens poll {ballot.number}: {ballot.asked()}. Vote with /vote NUMBER, within {spell(seconds)}."
        receipt = caller.say(text, room, act=True)
        if getattr(receipt.event, "text", "") != text:
            raise Filtered("A filter changed your words, so no poll was opened.")
        await poll.open(ballot)
        return Answer((f"You opened poll {ballot.number}.",), {"poll": ballot.number, "choices": list(choices)})


def _choices(arguments: Mapping[str, str]) -> tuple[tuple[str, ...], int]:
    """
    The choices, and how many seconds the poll is open; 0: nothing was said of that.

    @raise BadArguments:
    """
    typed, time = words(arguments, "choices"), arguments.get("time", "")
    if not time and typed and typed[-1].casefold().startswith("time="):
        time = typed.pop().partition("=")[2]
    seconds = duration(time) if time else 0
    if seconds is None or (time and not 60 <= seconds <= LONGEST):
        raise BadArguments("A poll is open from 1m to 28d.")
    return tuple(map(tidy, typed)), seconds


def _check(ballot: Ballot, most: int) -> None:
    """@raise BadArguments: this is no poll."""
    names = [choice.casefold() for choice in ballot.choices]
    if not 2 <= len(names) <= most:
        raise BadArguments(f'A poll has 2 to {most} choices: /poll "Tea or coffee?" tea "black coffee"')
    if not ballot.question or not all(names) or len(set(names)) < len(names):
        raise BadArguments("The question and each choice need words, and no choice stands there twice.")
    if len(ballot.question) > LENGTH or max(map(len, names)) > LENGTH // 2:
        raise BadArguments(f"A question has at most {LENGTH} characters, and a choice {LENGTH // 2}.")


class Vote(PollCommand):
    """C{/vote}."""

    name = "vote"
    summary = "vote in a poll of the current room"
    parameters = (Parameter("choice", quoted=True, help="its number, or its words in quotes"), NUMBER)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """One vote for each identity. Only the caller reads of it."""
        if self.poll.option("voters") == "accounts" and not caller.account:
            raise NeedsAccount("Only people with an account vote here. /signup creates one.")
        ballot = self.poll.poll(number(arguments, "poll"), caller.room)
        choice = ballot.index(arguments["choice"])
        if choice is None:
            raise BadArguments(f"Poll {ballot.number} has no such choice. {ballot.asked()}")
        if ballot.counts is not None:
            raise NotAllowed(f"Poll {ballot.number} is closed. /results shows what came of it.")
        identity = caller.identity
        assert identity is not None
        await self.poll.vote(ballot, identity, choice)
        chosen = ballot.choices[choice]
        return Answer((f"You voted for {chosen} in poll {ballot.number}.",), {"poll": ballot.number, "choice": chosen})


class Results(PollCommand):
    """C{/results}."""

    name = "results"
    summary = "show how a poll stands"
    parameters = (NUMBER,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """For the people of its room."""
        ballot = self.poll.poll(number(arguments, "poll"), caller.room)
        counts = self.poll.counts(ballot)
        left = spell(max(1.0, ballot.closes - caller.now()))
        state = f"open for {left}" if ballot.counts is None else "closed"
        facts = {
            "poll": ballot.number,
            "question": ballot.question,
            "open": ballot.counts is None,
            "choices": [{"choice": each, "votes": votes} for each, votes in zip(ballot.choices, counts, strict=True)],
        }
        return Answer((f"Poll {ballot.number}, {state}: {ballot.told(counts)}.",), facts)


class EndPoll(PollCommand):
    """C{/endpoll}."""

    name = "endpoll"
    summary = "close a poll before its time"
    details = "The person who opened it may do that, and an operator of the room."
    parameters = (NUMBER,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """Close it. The room reads the result."""
        ballot = self.poll.poll(number(arguments, "poll"), caller.room)
        if ballot.counts is not None:
            raise NotAllowed(f"Poll {ballot.number} is closed already.")
        in_charge = caller.view(ballot.room).role >= Role.OPERATOR
        if not (ballot.by == caller.identity or in_charge or await caller.server_role() > ServerRole.NONE):
            raise NotAllowed(f"Only the person who opened poll {ballot.number} and operators can close it.")
        await self.poll.close(ballot.number)
        return Answer((), {"poll": ballot.number})

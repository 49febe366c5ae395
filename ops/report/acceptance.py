"""`acceptance.md`: each ticket of the backlog, its criteria, the scenarios that prove them, and how these went."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from ops.journal.events import Sibling, Status
from ops.journal.record import Record
from ops.journal.scenario import Scenario

_TAG: Final = re.compile(r"@?(?P<ticket>[A-Z]\w*-\d+)\.(?P<number>\d+)")
NOT_RUN: Final = "not run"
_WORST_FIRST: Final = ("failed", "not-proven", "flaky", "passed", "skipped")
_SAYS_NOTHING: Final = ("skipped", NOT_RUN)


@dataclass(frozen=True)
class Result:
    """How a criterion came out on a stack.

    `ends` are those of its scenarios, with `not run` for one that the run did not come to.
    """

    ends: tuple[str, ...]

    @classmethod
    def of(cls, ends: Iterable[Status | None]) -> Self:
        """None for a scenario that was not run."""
        return cls(tuple(end or NOT_RUN for end in ends))

    @property
    def worst(self) -> str:
        """Of the ends; `not run` also when there is no scenario."""
        return next((end for end in _WORST_FIRST if end in self.ends), NOT_RUN)

    @property
    def is_proven(self) -> bool:
        """All of its scenarios held."""
        return set(self.ends) == {"passed"}

    @property
    def is_partial(self) -> bool:
        """Some held, and the rest say nothing."""
        return self.worst == "passed" and not self.is_proven

    @property
    def sign(self) -> str:
        """The status whose sign stands for it: what is proven in part has not passed."""
        return "skipped" if self.is_partial else self.worst

    @property
    def words(self) -> str:
        """`passed, 5 of 10 skipped`, as a person reads it."""
        gaps = [(self.ends.count(end), end) for end in _SAYS_NOTHING if end != self.worst]
        ends = [f"{count} of {len(self.ends)} {end}" for count, end in gaps if count]
        return ", ".join([self.worst.replace("-", " "), *ends])


@dataclass(frozen=True)
class Criterion:
    """`name` is P7-01.2 for `number` 2 of that ticket."""

    name: str
    number: str
    text: str
    scenarios: tuple[Scenario, ...]

    @property
    def result(self) -> Result:
        """In this run."""
        return Result.of(scenario.status for scenario in self.scenarios)

    def result_in(self, sibling: Sibling) -> Result:
        """In the run on another stack, of which this one may be a part."""
        ids = dict.fromkeys([*(scenario.id for scenario in self.scenarios), *sibling.proofs.get(self.name, ())])
        return Result.of(map(sibling.results.get, ids))


@dataclass(frozen=True)
class Ticket:
    id: str
    title: str
    criteria: tuple[Criterion, ...]


def tickets(record: Record) -> list[Ticket]:
    """The backlog with the scenarios of this run, in its own order. Tag `@P7-01.2` proves criterion 2 of P7-01."""
    proofs = _proofs(record)
    return [
        Ticket(
            ticket_id,
            entry.title,
            tuple(
                Criterion(f"{ticket_id}.{number}", number, text, tuple(proofs.get((ticket_id, number), ())))
                for number, text in entry.criteria.items()
            ),
        )
        for ticket_id, entry in record.tickets.items()
    ]


def partly(record: Record) -> list[str]:
    """The criteria of which some scenarios held and the rest say nothing: `P7-01.1 (passed, 5 of 10 skipped)`."""
    return [f"{name} ({result.words})" for name, result in _results(record).items() if result.is_partial]


def proofs(record: Record) -> dict[str, list[str]]:
    """The IDs of the scenarios for each criterion of the backlog."""
    criteria = (criterion for ticket in tickets(record) for criterion in ticket.criteria)
    return {criterion.name: [scenario.id for scenario in criterion.scenarios] for criterion in criteria}


def strays(record: Record) -> list[str]:
    """Tags that look like a criterion but name none of the backlog, so that a slip of the pen is seen."""
    known = {(ticket.id, criterion.number) for ticket in tickets(record) for criterion in ticket.criteria}
    return [f"@{ticket}.{number}" for ticket, number in sorted(_proofs(record)) if (ticket, number) not in known]


def render(record: Record) -> str:
    """The whole of `acceptance.md`."""
    head = [
        "# Acceptance",
        "",
        f"Run {_code(record.run)} on stack {_code(record.stack)}, begun {cell(record.began)}. {_totals(record)}",
        *(f"Beside it run {_code(one.run)} of the same commit on stack {_code(one.stack)}." for one in record.siblings),
    ]
    tables = [line for ticket in tickets(record) for line in _table(ticket, record)]
    stray = [f"- {_code(tag)}" for tag in strays(record)]
    notes = ["", "## Tags that name no criterion", "", *stray] if stray else []
    return "\n".join([*head, *tables, *notes, ""])


def _proofs(record: Record) -> dict[tuple[str, str], list[Scenario]]:
    proofs: dict[tuple[str, str], list[Scenario]] = {}
    for scenario in record.scenarios:
        for found in filter(None, map(_TAG.fullmatch, dict.fromkeys(scenario.start.tags))):
            proofs.setdefault((found["ticket"], found["number"]), []).append(scenario)
    return proofs


def _table(ticket: Ticket, record: Record) -> list[str]:
    rows = [row for criterion in ticket.criteria for row in _rows(criterion, record.siblings)]
    stacks = [record.stack, *(one.stack for one in record.siblings)]
    results = [f"result on {cell(stack)}" for stack in stacks] if record.siblings else ["result"]
    head = [
        "",
        f"## {cell(ticket.id)} {cell(ticket.title)}",
        "",
        f"| | criterion | scenario | {' | '.join(results)} |",
        "|---|---|---|" + "---|" * len(results),
    ]
    return head + rows


def _rows(criterion: Criterion, siblings: Sequence[Sibling]) -> list[str]:
    first = f"| {cell(criterion.number)} | {cell(criterion.text)} "
    if not criterion.scenarios:
        return [f"{first}| – |{_ended(NOT_RUN)}{''.join(_ended(criterion.result_in(one).words) for one in siblings)}"]
    firsts = [first] + ["| | "] * (len(criterion.scenarios) - 1)
    names = [f"{cell(scenario.start.name)} ({_code(scenario.id)})" for scenario in criterion.scenarios]
    return [
        f"{start}| {name} | {_result(scenario)} |{_elsewhere(scenario, siblings)}"
        for start, name, scenario in zip(firsts, names, criterion.scenarios, strict=True)
    ]


def _elsewhere(scenario: Scenario, siblings: Sequence[Sibling]) -> str:
    return "".join(_ended(sibling.results.get(scenario.id, NOT_RUN).replace("-", " ")) for sibling in siblings)


def _ended(words: str) -> str:
    """The cell of a result."""
    return f" {words} |" if words == "passed" else f" **{words}** |"


def _result(scenario: Scenario) -> str:
    words = scenario.status.replace("-", " ")
    if scenario.status == "passed":
        return words
    return f"**{words}**" + (f": {cell(scenario.in_a_line)}" if scenario.reason else "")


def _totals(record: Record) -> str:
    results = _results(record)
    if not results:
        return "It was about no criterion of the backlog."
    proven, in_part = sum(result.is_proven for result in results.values()), partly(record)
    rest = f", {len(in_part)} in part: {', '.join(map(cell, in_part))}" if in_part else ""
    return f"{proven} of {len(results)} criteria are proven{rest}."


def _results(record: Record) -> dict[str, Result]:
    return {criterion.name: criterion.result for ticket in tickets(record) for criterion in ticket.criteria}


def cell(text: str) -> str:
    """Text that cannot break out of a table's cell or become markup."""
    return re.sub(r"([\\|`*_<>\[\]])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """Text as code, where only the end of the code and of the cell have a meaning."""
    return "`" + " ".join(text.split()).replace("`", "'").replace("|", "\\|") + "`"

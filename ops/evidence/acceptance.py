"""`acceptance.md`: each ticket of the backlog, its criteria, the scenarios that prove them, and how these went."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ops.evidence.reason import one_line
from ops.evidence.result import NOT_RUN, Result
from ops.evidence.scenario import Scenario
from ops.evidence.story import Sibling, Story

_TAG: Final = re.compile(r"@?(?P<ticket>[A-Z]\w*-\d+)\.(?P<number>\d+)")


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


def tickets(story: Story) -> list[Ticket]:
    """The backlog with the scenarios of this run, in its own order. Tag `@P7-01.2` proves criterion 2 of P7-01."""
    proofs = _proofs(story)
    return [_ticket(str(ticket_id), entry, proofs) for ticket_id, entry in story.backlog.items()]


def partly(story: Story) -> list[str]:
    """The criteria of which some scenarios held and the rest say nothing: `P7-01.1 (passed, 5 of 10 skipped)`."""
    return [f"{name} ({result.words})" for name, result in _results(story).items() if result.is_partial]


def proofs(story: Story) -> dict[str, list[str]]:
    """The IDs of the scenarios for each criterion of the backlog."""
    criteria = (criterion for ticket in tickets(story) for criterion in ticket.criteria)
    return {criterion.name: [scenario.id for scenario in criterion.scenarios] for criterion in criteria}


def strays(story: Story) -> list[str]:
    """Tags that look like a criterion but name none of the backlog, so that a slip of the pen is seen."""
    known = {(ticket.id, criterion.number) for ticket in tickets(story) for criterion in ticket.criteria}
    return [f"@{ticket}.{number}" for ticket, number in sorted(_proofs(story)) if (ticket, number) not in known]


def render(story: Story) -> str:
    """The whole of `acceptance.md`."""
    head = [
        "# Acceptance",
        "",
        f"Run {_code(story.run)} on stack {_code(story.stack)}, begun {cell(story.began)}. {_totals(story)}",
        *(f"Beside it run {_code(one.run)} of the same commit on stack {_code(one.stack)}." for one in story.siblings),
    ]
    tables = [line for ticket in tickets(story) for line in _table(ticket, story)]
    stray = [f"- {_code(tag)}" for tag in strays(story)]
    notes = ["", "## Tags that name no criterion", "", *stray] if stray else []
    return "\n".join([*head, *tables, *notes, ""])


def _proofs(story: Story) -> dict[tuple[str, str], list[Scenario]]:
    proofs: dict[tuple[str, str], list[Scenario]] = {}
    for scenario in story.scenarios:
        for found in filter(None, map(_TAG.fullmatch, dict.fromkeys(scenario.tags))):
            proofs.setdefault((found["ticket"], found["number"]), []).append(scenario)
    return proofs


def _ticket(ticket_id: str, entry: object, proofs: Mapping[tuple[str, str], list[Scenario]]) -> Ticket:
    members = entry if isinstance(entry, Mapping) else {}
    criteria = members.get("criteria")
    listed = criteria.items() if isinstance(criteria, Mapping) else ()
    return Ticket(
        ticket_id,
        str(members.get("title", "")),
        tuple(
            Criterion(f"{ticket_id}.{number}", str(number), str(text), tuple(proofs.get((ticket_id, str(number)), ())))
            for number, text in listed
        ),
    )


def _table(ticket: Ticket, story: Story) -> list[str]:
    rows = [row for criterion in ticket.criteria for row in _rows(criterion, story.siblings)]
    stacks = [story.stack, *(one.stack for one in story.siblings)]
    results = [f"result on {cell(stack)}" for stack in stacks] if story.siblings else ["result"]
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
    return [
        f"{start}| {cell(scenario.name)} ({_code(scenario.id)}) | {_result(scenario)} |{_elsewhere(scenario, siblings)}"
        for start, scenario in zip(firsts, criterion.scenarios, strict=True)
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
    return f"**{words}**" + (f": {cell(one_line(scenario.reason, scenario.last.suspect))}" if scenario.reason else "")


def _totals(story: Story) -> str:
    results = _results(story)
    if not results:
        return "It was about no criterion of the backlog."
    proven, in_part = sum(result.is_proven for result in results.values()), partly(story)
    rest = f", {len(in_part)} in part: {', '.join(map(cell, in_part))}" if in_part else ""
    return f"{proven} of {len(results)} criteria are proven{rest}."


def _results(story: Story) -> dict[str, Result]:
    return {criterion.name: criterion.result for ticket in tickets(story) for criterion in ticket.criteria}


def cell(text: str) -> str:
    """Text that cannot break out of a table's cell or become markup."""
    return re.sub(r"([\\|`*_<>\[\]])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """Text as code, where only the end of the code and of the cell have a meaning."""
    return "`" + " ".join(text.split()).replace("`", "'").replace("|", "\\|") + "`"

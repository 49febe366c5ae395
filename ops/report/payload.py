"""The run as data for the page: an index that is read at once, and parts that are unpacked when they are looked at.

Each is JSON, deflated (RFC 1951) and in base64, so that nothing in it can be taken for markup.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.journal.events import STATUSES, Request, ScenarioStarted
from ops.journal.record import Record
from ops.journal.scenario import Scenario, Try
from ops.report.details import details, shown
from ops.report.wording import anchor
from ops.trace.logs import text

PART: Final = 200_000
"""Characters of JSON after which a part is full: unpacked in a few milliseconds, and a small loss in compression."""

TROUBLE: Final = ("warning", "error", "critical")
_PROBLEM: Final = re.compile(r"urn:problem:[\w-]+")
_OF_EVERY_LINE: Final = ("ts", "level", "requestId")


@dataclass(frozen=True)
class Payload:
    """What the page carries, packed."""

    index: str
    parts: list[str]


def payload(record: Record) -> Payload:
    """All of the record's scenarios; those that did not pass come first, so that few parts are needed for them."""
    worst_first = sorted(record.scenarios, key=lambda scenario: STATUSES.index(scenario.status))
    places: dict[str, tuple[int, int]] = {}
    parts = [packed(f"[{','.join(part)}]") for part in _parts(record, worst_first, places)]
    return Payload(packed(_json(_index(record, places))), parts)


def packed(content: str) -> str:
    """Raw deflate, then base64."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(deflate.compress(content.encode("utf-8", "replace")) + deflate.flush()).decode()


def _parts(record: Record, scenarios: Sequence[Scenario], places: dict[str, tuple[int, int]]) -> Iterator[list[str]]:
    """JSON of the scenarios in portions; tells `places` the part of each and its position there."""
    part: list[str] = []
    length, number = 0, 0
    for scenario in scenarios:
        places[scenario.id] = (number, len(part))
        part.append(_json(details(record, scenario)))
        length += len(part[-1])
        if length > PART:
            yield part
            part, length, number = [], 0, number + 1
    if part:
        yield part


def _index(record: Record, places: dict[str, tuple[int, int]]) -> dict[str, Any]:
    numbers = {scenario.id: number for number, scenario in enumerate(record.scenarios)}
    first: dict[str, ScenarioStarted] = {}
    for scenario in record.scenarios:
        first.setdefault(scenario.file, scenario.start)
    features = list(first)
    return {
        "run": record.run,
        "tickets": {number: ticket.title.replace("`", "") for number, ticket in record.tickets.items()},
        "features": [{"file": file, "name": one.feature, "about": "\n".join(one.about)} for file, one in first.items()],
        "scenarios": [_entry(record, one, features.index(one.file), places[one.id]) for one in record.scenarios],
        "faults": [{"scenario": numbers.get(fault.scenario), **shown(fault)} for fault in record.faults],
        "phases": _phases(record),
    }


def _entry(record: Record, scenario: Scenario, feature: int, place: tuple[int, int]) -> dict[str, Any]:
    tries = scenario.tries
    return {
        "id": scenario.id,
        "anchor": anchor(scenario),
        "feature": feature,
        "name": scenario.title,
        "line": scenario.line,
        "rule": scenario.start.rule,
        "tags": sorted({tag.removeprefix("@") for tag in scenario.start.tags}),
        "status": scenario.status,
        "outcome": scenario.outcome,
        "reason": scenario.reason,
        "at": round(tries[0].at, 3),
        "ms": scenario.ms,
        "requests": len(scenario.requests),
        "faults": sum(len(one.faults) for one in tries),
        "services": services(record, scenario),
        "part": place[0],
        "place": place[1],
        "text": _searched(record, scenario),
    }


def services(record: Record, scenario: Scenario) -> list[str]:
    """Who had a part in it: whose log lines are there, and what was broken."""
    ids = {request.request_id for request in scenario.requests}
    told = {text(line, "service") for each in ids for line in record.logs.get(each, ())}
    broken = {
        end.partition(".")[0] for one in scenario.tries for fault in one.faults for end in fault.target.split(":")
    }
    return sorted((told | broken) - {""})


def _searched(record: Record, scenario: Scenario) -> str:
    """What a search of the page looks through besides a name and tags: lean, as all of it is read at once.

    Steps, errors, faults, requests, the log lines of warnings and errors, the problems that bodies name, each once.
    """
    found = [f"{step.keyword} {step.text}" for step in scenario.last.steps]
    for one in scenario.tries:
        found += [*_of_try(one), *(words for request in one.requests for words in _of_request(record, request))]
    return "\n".join(dict.fromkeys(found))


def _of_try(one: Try) -> Iterator[str]:
    yield from (step.error for step in one.steps if step.error)
    yield from (f"{fault.kind} {fault.target} {fault.state}" for fault in one.faults)


def _of_request(record: Record, request: Request) -> Iterator[str]:
    yield f"{request.method} {request.path} {request.status or request.error} {request.request_id}"
    yield from _PROBLEM.findall(str(request.response_body or ""))
    for line in record.logs.get(request.request_id, ()):
        if line.get("level") in TROUBLE:
            yield " ".join(str(value) for name, value in line.items() if name not in _OF_EVERY_LINE)


def _phases(record: Record) -> list[dict[str, Any]]:
    """What a run did besides its scenarios: name, beginning (seconds since 1970), length in milliseconds."""
    began, ended = (event.at if event else 0.0 for event in (record.start, record.end))
    ready, up = (record.ready.at, record.ready.at - record.ready.ms / 1000) if record.ready else (0.0, 0.0)
    first, last = _bounds(record)
    found = [
        ("checks", began, up or first or ended),
        ("bring-up", up, ready),
        ("after the scenarios", last, ended),
    ]
    return [
        {"name": name, "at": round(start, 3), "ms": round((end - start) * 1000, 1)}
        for name, start, end in found
        if start and end > start
    ]


def _bounds(record: Record) -> tuple[float, float]:
    tries = [one for scenario in record.scenarios for one in scenario.tries]
    return min((one.at for one in tries), default=0.0), max((one.at + one.ms / 1000 for one in tries), default=0.0)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)

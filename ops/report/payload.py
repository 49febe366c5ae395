"""The run as data for the page: an index that is read at once, and parts that are unpacked when they are looked at.

Each is JSON, deflated (RFC 1951) and in base64, so that nothing in it can be taken for markup.
"""

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.evidence.fields import text
from ops.evidence.scenario import STATUSES, Scenario
from ops.evidence.story import Story
from ops.report.details import details, shown
from ops.report.searched import searched
from ops.report.timeline import phases
from ops.report.wording import anchor

PART: Final = 200_000
"""Characters of JSON after which a part is full: unpacked in a few milliseconds, and a small loss in compression."""


@dataclass(frozen=True)
class Payload:
    """What the page carries, packed."""

    index: str
    parts: list[str]


def payload(story: Story) -> Payload:
    """All of the story's scenarios; those that did not pass come first, so that few parts are needed for them."""
    worst_first = sorted(story.scenarios, key=lambda scenario: STATUSES.index(scenario.status))
    places: dict[str, tuple[int, int]] = {}
    parts = [packed(f"[{','.join(part)}]") for part in _parts(story, worst_first, places)]
    return Payload(packed(_json(_index(story, places))), parts)


def packed(content: str) -> str:
    """Raw deflate, then base64."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(deflate.compress(content.encode("utf-8", "replace")) + deflate.flush()).decode()


def _parts(story: Story, scenarios: Sequence[Scenario], places: dict[str, tuple[int, int]]) -> Iterator[list[str]]:
    """JSON of the scenarios in portions; tells `places` the part of each and its position there."""
    part: list[str] = []
    length, number = 0, 0
    for scenario in scenarios:
        places[scenario.id] = (number, len(part))
        part.append(_json(details(story, scenario)))
        length += len(part[-1])
        if length > PART:
            yield part
            part, length, number = [], 0, number + 1
    if part:
        yield part


def _index(story: Story, places: dict[str, tuple[int, int]]) -> dict[str, Any]:
    features = list(dict.fromkeys(scenario.file for scenario in story.scenarios))
    numbers = {scenario.id: number for number, scenario in enumerate(story.scenarios)}
    first = {scenario.file: scenario for scenario in reversed(story.scenarios)}
    return {
        "run": story.run,
        "tickets": {str(ticket): _title(entry) for ticket, entry in story.backlog.items()},
        "features": [{"file": file, "name": first[file].feature, "about": first[file].about} for file in features],
        "scenarios": [_entry(story, one, features.index(one.file), places[one.id]) for one in story.scenarios],
        "faults": [{"scenario": numbers.get(fault.scenario), **shown(fault)} for fault in story.faults],
        "phases": phases(story),
    }


def _title(entry: object) -> str:
    return str(entry.get("title", "")).replace("`", "") if isinstance(entry, dict) else ""


def _entry(story: Story, scenario: Scenario, feature: int, place: tuple[int, int]) -> dict[str, Any]:
    tries = scenario.tries
    return {
        "id": scenario.id,
        "anchor": anchor(scenario),
        "feature": feature,
        "name": scenario.title,
        "line": scenario.line,
        "rule": scenario.rule,
        "tags": sorted({tag.removeprefix("@") for tag in scenario.tags}),
        "status": scenario.status,
        "outcome": scenario.outcome,
        "reason": scenario.reason,
        "at": round(tries[0].at, 3),
        "ms": sum(one.ms for one in tries),
        "requests": sum(len(one.requests) for one in tries),
        "faults": sum(len(one.faults) for one in tries),
        "services": services(story, scenario),
        "part": place[0],
        "place": place[1],
        "text": searched(story, scenario),
    }


def services(story: Story, scenario: Scenario) -> list[str]:
    """Who had a part in it: whose log lines are there, and what was broken."""
    ids = {request.request_id for one in scenario.tries for request in one.requests}
    told = {text(line, "service") for each in ids for line in story.logs.get(each, ())}
    broken = {
        end.partition(".")[0] for one in scenario.tries for fault in one.faults for end in fault.target.split(":")
    }
    return sorted((told | broken) - {""})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)

"""What a search of the page looks through besides a scenario's name and tags; lean, as all of it is read at once.

Of the log lines it has those of warnings and errors; of the bodies the problems that they name.
"""

import re
from collections.abc import Iterator
from typing import Final

from ops.journal.events import Request
from ops.journal.record import Record
from ops.journal.scenario import Scenario, Try

TROUBLE: Final = ("warning", "error", "critical")
_PROBLEM: Final = re.compile(r"urn:problem:[\w-]+")
_OF_EVERY_LINE: Final = ("ts", "level", "requestId")


def searched(record: Record, scenario: Scenario) -> str:
    """Steps, errors, faults, requests and what services warned of, each once."""
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

"""One scenario with all that is shown when it is opened, as plain JSON values. Moments are seconds since 1970."""

from typing import Any

from ops.journal.events import Fault, Request, Step
from ops.journal.record import Record
from ops.journal.scenario import Scenario, Try
from ops.report.hops import hops
from ops.report.wire import again
from ops.report.wording import pretty


def details(record: Record, scenario: Scenario) -> dict[str, Any]:
    """Every try with its steps, requests, faults and log lines."""
    return {
        "keyword": scenario.start.keyword,
        "row": scenario.start.row,
        "tries": [_try(record, one) for one in scenario.tries],
    }


def _try(record: Record, one: Try) -> dict[str, Any]:
    return {
        "status": one.status,
        "at": round(one.at, 3),
        "ms": one.ms,
        "reason": one.unrecovered if any(step.error for step in one.steps) else one.why,
        "suspect": "" if one.status in ("passed", "skipped") else one.suspect,
        "steps": [_step(step) for step in one.steps],
        "requests": [
            _request(record, request) | {"step": _step_of(place, one.steps)}
            for request, place in zip(one.requests, one.during, strict=True)
        ],
        "faults": [shown(fault) for fault in one.faults],
    }


def _step_of(place: int, steps: list[Step]) -> int:
    """The place of its step; behind the last one for what was asked when the steps were over.

    The steps that a failure left out are told at the very end, after the requests that see whether all is well again.
    """
    is_after_all = place >= len(steps) or steps[place].status == "skipped"
    return len(steps) if is_after_all else place


def _step(step: Step) -> dict[str, Any]:
    told = {"table": step.table, "doc": step.doc_string, "error": step.error}
    return {
        "keyword": step.keyword,
        "text": step.text,
        "status": step.status,
        "at": round(step.at, 3),
        "ms": step.ms,
        "line": step.line,
        **{name: value for name, value in told.items() if value},
    }


def _request(record: Record, request: Request) -> dict[str, Any]:
    lines = record.logs.get(request.request_id, [])
    return {
        "id": request.request_id,
        "method": request.method,
        "path": request.path,
        "status": request.status,
        "error": request.error,
        "at": round(request.at, 4),
        "ms": request.ms,
        "sent": request.request_headers,
        "sentBody": pretty(request.request_body),
        "got": request.response_headers,
        "gotBody": pretty(request.response_body),
        "again": again(request),
        "trace": record.trace_link.command(request.request_id),
        "hops": hops(request.request_id, lines, request.at),
        "log": [{name: value for name, value in line.items() if name != "requestId"} for line in lines],
    }


def shown(fault: Fault) -> dict[str, Any]:
    """A fault with its times: `at` in seconds since 1970, the rest in milliseconds."""
    return {
        "kind": fault.kind,
        "target": fault.target,
        "state": fault.state,
        "detail": fault.detail,
        "at": round(fault.at, 3),
        "ms": fault.ms,
        "recovery": fault.recovery_ms,
    }

"""One scenario with all that is shown when it is opened, as plain JSON values. Moments are seconds since 1970."""

from typing import Any

from ops.evidence.scenario import Fault, Request, Scenario, Step, Try
from ops.evidence.story import Story
from ops.report.again import again
from ops.report.hops import hops
from ops.report.wording import pretty


def details(story: Story, scenario: Scenario) -> dict[str, Any]:
    """Every try with its steps, requests, faults and log lines."""
    return {
        "keyword": scenario.keyword,
        "row": scenario.row,
        "tries": [_try(story, one) for one in scenario.tries],
    }


def _try(story: Story, one: Try) -> dict[str, Any]:
    return {
        "status": one.status,
        "at": round(one.at, 3),
        "ms": one.ms,
        "reason": one.unrecovered if any(step.error for step in one.steps) else one.why,
        "suspect": "" if one.status in ("passed", "skipped") else one.suspect,
        "steps": [_step(step) for step in one.steps],
        "requests": [_request(story, request) | {"step": _step_of(request, one.steps)} for request in one.requests],
        "faults": [shown(fault) for fault in one.faults],
    }


def _step_of(request: Request, steps: list[Step]) -> int:
    """The place of its step; behind the last one for what was asked when the steps were over.

    The steps that a failure left out are told at the very end, after the requests that see whether all is well again.
    """
    is_after_all = request.step >= len(steps) or steps[request.step].status == "skipped"
    return len(steps) if is_after_all else request.step


def _step(step: Step) -> dict[str, Any]:
    told = {"table": step.table, "doc": step.doc, "error": step.error}
    return {
        "keyword": step.keyword,
        "text": step.text,
        "status": step.status,
        "at": round(step.at, 3),
        "ms": step.ms,
        "line": step.line,
        **{name: value for name, value in told.items() if value},
    }


def _request(story: Story, request: Request) -> dict[str, Any]:
    lines = story.logs.get(request.request_id, [])
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
        "trace": story.leads.command(request.request_id),
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

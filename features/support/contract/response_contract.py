"""What holds for every answer of the gateway, whatever was asked: asserted once, for all scenarios."""

import re

from features.support.answers import PROBLEM, Answer

REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
PROBLEM_FIELDS = {"type", "title", "status", "detail", "requestId"}
LEAKS = re.compile(
    rb"<html|Traceback \(most|(nginx|waitress|bottle|python)/\d|sqlite"
    rb"|\b(127|10|192\.168|172\.(1[6-9]|2\d|3[01]))(\.\d{1,3}){2,3}:\d"
    rb"|\b(localhost|users|products|orders|gateway|postgres):\d{2,5}\b",
    re.IGNORECASE,
)


def keep(answer: Answer, *, has_body: bool = True, is_page: bool = False) -> None:
    """Assert the promises; `has_body` is false for the answer to a HEAD, `is_page` true for a file of the reference."""
    _identified(answer)
    if is_page and answer.status == 200:
        return
    _discreet(answer)
    if has_body:
        _json(answer)
    if has_body and answer.status >= 400:
        _problem(answer)


def _identified(answer: Answer) -> None:
    echoed = answer.header("X-Request-ID")
    assert REQUEST_ID.fullmatch(echoed), f"the answer's X-Request-ID is malformed: {echoed!r}"
    assert echoed == answer.request_id, f"sent as {answer.request_id}, answered as {echoed}"


def _discreet(answer: Answer) -> None:
    leak = LEAKS.search(answer.body)
    assert leak is None, f"the answer tells {leak[0]!r}: {answer}"
    servers = answer.all("Server")
    assert not any(re.search(r"\d", server) for server in servers), f"the answer tells a version: {servers}"


def _json(answer: Answer) -> None:
    wanted = "application/problem+json" if answer.status >= 400 else "application/json"
    found = answer.header("Content-Type").split(";")[0].strip()
    assert found == wanted, f"{found} instead of {wanted}: {answer}"
    answer.json()


def _problem(answer: Answer) -> None:
    problem = answer.json()
    missing = PROBLEM_FIELDS - set(problem)
    assert not missing, f"the problem lacks {sorted(missing)}: {answer}"
    assert problem["type"].startswith(PROBLEM), f"a problem of no known type: {answer}"
    assert problem["status"] == answer.status, f"the problem names another status: {answer}"
    assert problem["requestId"] == answer.request_id, f"the problem names another request: {answer}"
    if answer.status in (429, 503):
        assert int(answer.header("Retry-After")) >= 0

"""docs/operations.md: every route of the contract has a success and an error, asked as its title says."""

from __future__ import annotations

import json
import re

import pytest

from ops.smoke.page import Page, Step, checklist
from ops.stacks.layout import ROOT

REFERENCE = {"GET /docs", "GET /docs/openapi.json"}
REQUEST = re.compile(r'curl ((?:(?!\bcurl\b)[^"])*)"\$BASE_URL(/[^"?]*)[^"]*"((?:(?!\bcurl\b).)*)', re.S)
STEPS = Page.read(checklist().read_text(encoding="utf-8")).steps


def offered() -> dict[str, set[int]]:
    """What the document of the whole API offers: "GET /orders/{}" and so on, each with the statuses that it answers."""
    document = json.loads((ROOT / "gateway" / "docs" / "openapi.json").read_text())
    return {
        unnamed(f"{method.upper()} {path}"): {int(status) for status in operation["responses"]}
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


def unnamed(route: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", route)


def route(step: Step) -> str:
    """ "GET /orders/{}"."""
    return unnamed(step.title.partition(": ")[0])


def asked(step: Step) -> tuple[str, str]:
    """The method and the path of a step's last request."""
    before, path, after = REQUEST.findall(step.script)[-1]
    method = re.search(r"-X ([A-Z]+)", before)
    return method[1] if method else "POST" if re.search(r" (-d|--data-binary) ", after) else "GET", path


def test_every_route_has_a_success_and_an_error() -> None:
    held = {(route(step), step.status < 400) for step in STEPS}
    routes = offered().keys() | REFERENCE
    assert len(routes) >= 13
    assert {(one, success) for one in routes for success in (True, False)} - held == set()


def test_every_answer_is_one_that_the_reference_tells_of() -> None:
    told = offered()
    asked_as_offered = [step for step in STEPS if step.status != 405 and route(step) in told]
    assert [step.title for step in asked_as_offered if step.status not in told[route(step)]] == []


@pytest.mark.parametrize("step", STEPS, ids=lambda step: str(step.line))
def test_a_step_asks_what_its_title_says(step: Step) -> None:
    method, path = asked(step)
    titled, _, template = route(step).partition(" ")
    assert re.fullmatch(template.replace("{}", "[^/]+"), path)
    assert method == titled or "method-not-allowed" in step.phrases


def test_no_step_shares_its_request_id() -> None:
    ids = [step.request_id for step in STEPS]
    assert "" not in ids
    assert len(set(ids)) == len(ids)


def test_errors_are_told_by_their_code() -> None:
    assert [step.line for step in STEPS if step.status >= 400 and "type" not in step.expected({})["body"]] == []


def test_no_step_leaves_a_file_with_a_token_behind() -> None:
    page = Page.read(checklist().read_text(encoding="utf-8"))
    blocks = [page.preparation, *(step.script for step in page.steps)]
    assert [block for block in blocks if re.search(r"mktemp|\btee\b|>\s*[\"$/]|-o (?!/dev/null)", block)] == []

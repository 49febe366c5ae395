"""docs/smoke.md: every route of the contract has a success and an error, asked as its title says."""

from __future__ import annotations

import json
import re

import pytest

from ops.smoke.page import Page, Step, checklist, copy_of
from ops.stacks.layout import ROOT

REFERENCE = {"GET /docs", "GET /docs/openapi.json"}
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
    assert step.asked
    titled, _, template = route(step).partition(" ")
    path = step.asked.url.removeprefix("$BASE_URL").partition("?")[0]
    assert re.fullmatch(template.replace("{}", "[^/]+"), path)
    assert step.asked.method == titled or "method-not-allowed" in step.phrases


def test_no_step_shares_its_request_id() -> None:
    ids = [step.request_id for step in STEPS]
    assert "" not in ids
    assert len(set(ids)) == len(ids)


def test_errors_are_told_by_their_code() -> None:
    assert [step.line for step in STEPS if step.status >= 400 and "type" not in step.expected({})["body"]] == []


def test_boxes_are_for_people_and_the_copy_of_the_last_run_has_their_ticks() -> None:
    """A step that is new, gone or another one needs `smoke --stack compose --tick`."""
    assert "- [x]" not in checklist().read_text(encoding="utf-8")
    copy = copy_of(checklist()).read_text(encoding="utf-8")
    assert re.findall(r"^- \[x\] (.+)$", copy, re.M) == [f"{step.status} {step.title}" for step in STEPS]
    assert re.search(rf"^\d{{4}}-\d\d-\d\d, compose, commit \w+.*: {len(STEPS)} of {len(STEPS)} held\.", copy, re.M)


def test_no_step_leaves_a_file_with_a_token_behind() -> None:
    page = Page.read(checklist().read_text(encoding="utf-8"))
    blocks = [page.preparation, *(step.script for step in page.steps)]
    assert [block for block in blocks if re.search(r"mktemp|\btee\b|>\s*[\"$/]|-o (?!/dev/null)", block)] == []

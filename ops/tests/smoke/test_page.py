"""A page's checklist is read as it stands there, and what cannot be one is named with its line."""

from __future__ import annotations

import pytest

from ops.errors import WrongUsage
from ops.smoke.page import Page
from ops.tests.smoke.pages import get, page, step

GOOD = step(get("/healthz"), '200, `{"status": "ok"}`', "`GET /healthz`: it is there")
BOX = page(GOOD).splitlines().index(GOOD.splitlines()[0]) + 1


def test_a_step_is_read_word_for_word() -> None:
    (found,) = Page.read(page(GOOD)).steps
    assert (found.title, found.needs) == ("GET /healthz: it is there", "")
    assert (found.script, found.request_id) == (get("/healthz") + "\n", "smoke.it-$RUN")
    headers = {"x-request-id": "smoke.it-7"}
    assert found.expected({"RUN": "7"}) == {"status": 200, "headers": headers, "body": {"status": "ok"}}


def test_what_a_step_needs_and_expects() -> None:
    answers = '404, `order-not-found`, `Retry-After: 1`, `{"a": ["…", {"b": null}]}`'
    (found,) = Page.read(page(step("curl -sSi x", answers, "`GET /x`: words (needs `grant`)"))).steps
    assert (found.title, found.needs) == ("GET /x: words", "grant")
    expected = found.expected({})
    assert expected["headers"] == {"content-type": "application/problem+json", "retry-after": "1"}
    problem = {"type": "urn:problem:order-not-found", "status": 404, "requestId": "…"}
    assert expected["body"] == {**problem, "a": ["…", {"b": None}]}


def test_only_the_checklist_is_read_and_its_line_is_that_of_the_box() -> None:
    text = page(GOOD, GOOD.replace("[ ]", "[x]"))
    lines = text.splitlines()
    assert [lines[found.line - 1][:5] for found in Page.read(text).steps] == ["- [ ]", "- [x]"]
    assert [step.line for step in Page.read(text.replace("## Smoke", "# Smoke").partition("## After")[0]).steps] == [
        step.line for step in Page.read(text).steps
    ]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (page(GOOD).replace("## Smoke", "## Other"), "the page has no heading “# Smoke checklist”"),
        (page(), "line 9: ## Smoke checklist needs "),
        (page(GOOD).replace("```sh\nBASE", "```\nBASE"), "line 9: ## Smoke checklist needs "),
        (page(GOOD.replace("answers: ", "gives ")), f"line {BOX}: a step is "),
        (page(GOOD.replace("200,", "fine,")), f"line {BOX}: a step is "),
        (page(GOOD.replace("  answers", "  more words\n\n  answers")), f"line {BOX}: a step is "),
        (page(GOOD, GOOD.replace("  answers", "answers")), f"line {BOX + 8}: a step is "),
        (page(GOOD.replace('"ok"}', '"ok"')), f"line {BOX}, "),
        (page(step(get("/x"), "200, `What is it`")), "'What is it' is no code, no Header: value and no JSON object"),
    ],
)
def test_what_is_no_checklist_is_refused_with_its_line(broken: str, why: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        Page.read(broken)
    assert why in str(refused.value)

"""A page's checklist is read as it stands there, and what cannot be one is told with its line."""

from __future__ import annotations

import pytest

from ops.errors import WrongUsage
from ops.smoke.page import Page
from ops.tests.smoke.pages import get, page, step

GOOD = step(get("/healthz"), '200, `{"status": "ok"}`', "`GET /healthz`: it is there")
BOX = page(GOOD).splitlines().index(GOOD.splitlines()[0]) + 1
ANSWERS = BOX + 6


def test_a_step_is_read_word_for_word() -> None:
    (found,) = Page.read(page(GOOD)).steps
    assert (found.route, found.words, found.needs) == ("GET /healthz", "it is there", "")
    assert found.script.text == get("/healthz") + "\n"
    assert found.script.request_id == "smoke.it-$RUN"
    assert (found.expected.status, found.expected.body) == (200, {"status": "ok"})


def test_what_a_step_needs_and_expects() -> None:
    answers = '404, `order-not-found`, `Retry-After: 1`, `{"a": ["…", {"b": null}]}`'
    (found,) = Page.read(page(step(get("/x"), answers, "`GET /x`: words (needs `grant`)"))).steps
    assert (found.words, found.needs) == ("words", "grant")
    assert (found.expected.code, found.expected.headers) == ("order-not-found", (("Retry-After", "1"),))
    assert found.expected.body == {"a": ["…", {"b": None}]}


def test_only_the_checklist_is_read_and_its_line_is_that_of_the_box() -> None:
    text = page(GOOD, GOOD.replace("[ ]", "[x]"))
    lines = text.splitlines()
    assert [lines[found.line - 1][:5] for found in Page.read(text).steps] == ["- [ ]", "- [x]"]
    assert [found.is_ticked for found in Page.read(text).steps] == [False, True]
    assert lines[Page.read(text).last_run_line - 1] == "Not run yet."


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (page(GOOD).replace("## Smoke", "## Other"), "the page has no heading “## Smoke checklist”"),
        (page(), "line 9: ## Smoke checklist has no checkbox"),
        (page(GOOD, last_run="Soon."), "line 9: ## Smoke checklist needs a line that says “Not run yet.”"),
        (page(GOOD).replace("```sh\nBASE", "```\nBASE"), "line 9: ## Smoke checklist needs one ```sh block"),
        (page(GOOD.replace("answers: ", "gives ")), f"line {ANSWERS}: a step ends with a line"),
        (page(GOOD.replace("200,", "fine,")), f"line {ANSWERS}: a step ends with a line"),
        (page(GOOD.replace("`GET", "GET")), f"line {BOX}: a step's first line"),
        (page(GOOD.replace("  answers", "  more words\n\n  answers")), f"line {BOX}: a step is a line with a checkbox"),
        (page(GOOD.replace('"ok"}', '"ok"')), "is no JSON: Expecting ',' delimiter"),
        (page(step(get("/x"), "200, `What is it`")), "'What is it' is no code, no Header: value and no JSON object"),
        (page(step(get("/$ID"))), f"line {BOX}: nothing sets ID before “GET /healthz: it is there” uses it"),
    ],
)
def test_what_is_no_checklist_is_refused_with_its_line(broken: str, why: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        Page.read(broken)
    assert why in str(refused.value)

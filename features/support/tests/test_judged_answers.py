"""A step that fails on what was answered says which answer that was: its request is the one to trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from features.support.answers import Answer
from features.support.comparing import same
from features.support.failures import failure
from features.support.faults.phrases import trouble

RUN = "20261123-041222-jy8"


def answer(number: int, status: int = 200, body: bytes = b"{}") -> Answer:
    return Answer(f"products.made_up.L1.{number}-{RUN}", status, (), body, 1.0)


JUDGED = answer(1)


def price() -> None:
    same({"amount": 1}, {"amount": 2})


def why(judge: Callable[[], Any], judged: Answer | None = JUDGED) -> str:
    """The words of a step that fails so."""
    with pytest.raises(Exception) as failed:
        judge()
    return failure(failed.value, (), judged, RUN).words


def test_a_then_that_fails_on_content_names_the_answer() -> None:
    said = why(price)
    assert said == f"found {{'amount': 1}}\nnot   {{'amount': 2}}\n200 [products.made_up.L1.1-{RUN}] {{}}"


def test_one_that_names_another_answer_is_left_alone() -> None:
    assert f"L1.1-{RUN}" not in why(lambda: same(1, 2, answer(7)))


@pytest.mark.parametrize(("judge", "judged"), [(price, None), (lambda: {"": 1}["items"], JUDGED)])
def test_what_is_no_judgement_names_none(judge: Callable[[], Any], judged: Answer | None) -> None:
    assert RUN not in why(judge, judged)


def test_what_was_refused_has_no_content() -> None:
    said = why(lambda: answer(5, 500, b'{"type": "about:blank"}').content()["items"])
    assert said == f'refused: 500 [products.made_up.L1.5-{RUN}] {{"type": "about:blank"}}'


PROBLEM = answer(5, 500, b'{"type":"urn:problem:internal-error","title":"Internal Server Error","status":500}')


@pytest.mark.parametrize(
    ("judge", "brief", "number"),
    [
        (lambda: same(500, 200, PROBLEM), "found 500 internal-error, not 200", 5),
        (lambda: same("a", "b", PROBLEM), "found 'a', not 'b': 500 internal-error", 5),
        (lambda: same(200, 404, answer(1)), "found 200, not 404: {}", 1),
        (lambda: same(1, 2), "found 1, not 2: 200 {}", 1),
        (PROBLEM.content, "refused: 500 internal-error", 5),
    ],
)
def test_in_a_line_it_has_the_code_of_a_problem_instead_of_the_body(
    judge: Callable[[], Any], brief: str, number: int
) -> None:
    with pytest.raises(AssertionError) as failed:
        judge()
    found = failure(failed.value, [PROBLEM], answer(1), RUN)
    assert (found.brief, found.request_id) == (brief, f"products.made_up.L1.{number}-{RUN}")


def test_a_trouble_that_nobody_knows_is_told_with_those_that_are_known() -> None:
    said = why(lambda: trouble("gets tired"), None)
    assert said.startswith(
        "no trouble is called 'gets tired' in features/support/faults/phrases.py; known are: answers 503, "
    )
    assert "cannot be reached" in said

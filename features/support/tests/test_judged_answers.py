"""A step that fails on what was answered says which answer that was: its request is the one to trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from features.support.answers import Answer
from features.support.comparing import same
from features.support.fault_phrases import trouble
from features.support.recording import Recording
from ops.api import Run

RUN = "20261123-041222-jy8"


def answer(number: int, status: int = 200, body: bytes = b"{}") -> Answer:
    return Answer(f"products.made_up.L1.{number}-{RUN}", status, (), body, 1.0)


def price() -> None:
    same({"amount": 1}, {"amount": 2})


def why(folder: Path, judge: Callable[[], Any], kind: str = "then") -> str:
    """The error in the journal of a step that fails so."""
    (folder / RUN).mkdir()
    run = Run.open(folder / RUN)
    with pytest.raises(Exception) as failure:
        judge()
    about: dict[str, Any] = {
        "hook_failed": False,
        "status": SimpleNamespace(name="failed"),
        "line": 2,
        "name": "made up",
    }
    step = SimpleNamespace(
        keyword="And", step_type=kind, table=None, text=None, duration=0.1, exception=failure.value, **about
    )
    feature = SimpleNamespace(name="made up", description=[])
    scenario = SimpleNamespace(
        filename="features/products/made_up.feature",
        keyword="Scenario",
        feature=feature,
        effective_tags=[],
        parent=None,
        all_steps=[step],
        skip_reason=None,
        **about,
    )
    Recording(run, scenario).step(step, answer(1))
    return str(json.loads(run.journal.path.read_text().splitlines()[-1])["error"])


def test_a_then_that_fails_on_content_names_the_answer(tmp_path: Path) -> None:
    said = why(tmp_path, price)
    assert said == f"found {{'amount': 1}}\nnot   {{'amount': 2}}\n200 [products.made_up.L1.1-{RUN}] {{}}"


def test_one_that_names_another_answer_is_left_alone(tmp_path: Path) -> None:
    assert f"L1.1-{RUN}" not in why(tmp_path, lambda: same(1, 2, answer(7)))


@pytest.mark.parametrize(("kind", "judge"), [("given", price), ("then", lambda: {"": 1}["items"])])
def test_what_is_no_judgement_names_none(kind: str, judge: Callable[[], Any], tmp_path: Path) -> None:
    assert RUN not in why(tmp_path, judge, kind)


def test_what_was_refused_has_no_content(tmp_path: Path) -> None:
    said = why(tmp_path, lambda: answer(5, 500, b'{"type": "about:blank"}').content()["items"])
    assert said == f'refused: 500 [products.made_up.L1.5-{RUN}] {{"type": "about:blank"}}'


def test_a_trouble_that_nobody_knows_is_told_with_those_that_are_known(tmp_path: Path) -> None:
    said = why(tmp_path, lambda: trouble("gets tired"), "given")
    assert said.startswith(
        "no trouble is called 'gets tired' in features/support/fault_phrases.py; known are: answers 503, "
    )
    assert "cannot be reached" in said

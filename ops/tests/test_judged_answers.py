"""A step that fails on what was answered says which answer that was: its request is the one to trace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ops.evidence.teller import tell
from ops.stacks.layout import ROOT

RUN = "20261123-041222-jy8"
SETTING = f"""
import sys
from pathlib import Path
from types import SimpleNamespace as Some
from features.support.answers import Answer
from features.support.comparing import same
from features.support.recording import Recording
from features.support.fault_phrases import trouble
from ops.api import Run

RUN = {RUN!r}
def answer(number, status=200, body=b'{{}}'):
    return Answer(f"products.made_up.L1.{{number}}-{{RUN}}", status, (), body, 1.0)
"""
STEP = """
def failing(judge):
    try:
        judge()
    except BaseException as error:
        return error
folder = Path(sys.argv[1]) / RUN
folder.mkdir()
run = Run.open(folder)
step = Some(keyword="And", step_type=sys.argv[2], name="it is so", line=2, table=None, text=None, duration=0.1,
            status=Some(name="failed"), hook_failed=False, exception=failing(lambda: JUDGE))
scenario = Some(filename="features/products/made_up.feature", line=1, keyword="Scenario", name="made up",
                feature=Some(name="made up", description=[]), effective_tags=[], parent=None, all_steps=[step],
                status=Some(name="failed"), skip_reason=None, hook_failed=False)
recording = Recording(run, scenario)
recording.step(step, answer(1))
recording.finished()
"""
PRICE = 'same({"amount": 1}, {"amount": 2})'


def why(folder: Path, judge: str, kind: str = "then") -> str:
    """The reason in the journal."""
    call = [sys.executable, "-c", SETTING + STEP.replace("JUDGE", judge), str(folder), kind]
    subprocess.run(call, cwd=ROOT, check=True)
    return tell(folder / RUN / "journal.jsonl").scenarios[0].last.why


def test_a_then_that_fails_on_content_names_the_answer(tmp_path: Path) -> None:
    said = why(tmp_path, PRICE)
    assert said == f"found {{'amount': 1}}\nnot   {{'amount': 2}}\n200 [products.made_up.L1.1-{RUN}] {{}}"


def test_one_that_names_another_answer_is_left_alone(tmp_path: Path) -> None:
    assert f"L1.1-{RUN}" not in why(tmp_path, "same(1, 2, answer(7))")


@pytest.mark.parametrize(("kind", "judge"), [("given", PRICE), ("then", "{}['items']")])
def test_what_is_no_judgement_names_none(kind: str, judge: str, tmp_path: Path) -> None:
    assert RUN not in why(tmp_path, judge, kind)


def test_what_was_refused_has_no_content(tmp_path: Path) -> None:
    refusal = """answer(5, 500, b'{"type": "about:blank"}').content()["items"]"""
    assert why(tmp_path, refusal) == f'refused: 500 [products.made_up.L1.5-{RUN}] {{"type": "about:blank"}}'


def test_a_trouble_that_nobody_knows_is_told_with_those_that_are_known(tmp_path: Path) -> None:
    judge = "trouble('gets tired')"
    said = why(tmp_path, judge, "given")
    assert said.startswith(
        "no trouble is called 'gets tired' in features/support/fault_phrases.py; known are: answers 503, "
    )
    assert "cannot be reached" in said

"""Why a scenario failed, in one line of a terminal: the word that says it stands first."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.errors import Exit
from ops.journal.reason import one_line
from ops.journal.runs import Run
from ops.run.summary import summary
from ops.run.verification import Proved
from ops.tests.journals import MadeUpRun, reported

PROBLEM = (
    '{"type":"urn:problem:internal-error","title":"Internal Server Error","status":500,"errors":[{"pointer":"/a"}]}'
)
FRAME = """  File "/srv/services/orders/routes.py", line 12
    def place(customer)
                       ^
SyntaxError: expected ':'"""
OTHER = """  File "/srv/services/orders/app.py", line 3, in made
    return found["id"]
           ~~~~~^^^^^^
KeyError: 'id'"""
TRACEBACK = f"""Traceback (most recent call last):
  File "<frozen runpy>", line 198, in _run_module_as_main
{FRAME}"""


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (f"orders openapi ended with 1: {TRACEBACK}", "orders openapi ended with 1: SyntaxError: expected ':'"),
        (f"orders openapi ended with 1: ^^^^\n{FRAME}", "orders openapi ended with 1: SyntaxError: expected ':'"),
        (f"{TRACEBACK}\n\nDuring handling of it:\n\nTraceback (most recent call last):\n{OTHER}", "KeyError: 'id'"),
        ("AssertionError: two\norders", "AssertionError: two orders"),
        ("", ""),
    ],
)
def test_of_a_traceback_its_end_is_told(reason: str, told: str) -> None:
    assert one_line(reason) == told


def test_it_ends_before_it_swells_the_terminal() -> None:
    assert len(one_line("word " * 100)) <= 200


def test_at_80_columns_the_line_is_whole_and_the_next_one_traces_the_request(tmp_path: Path) -> None:
    run = MadeUpRun(tmp_path)
    run.begin()
    scenario = run.start(29, "The catalogue is listed", feature="products/catalogue")
    request = run.ask(scenario, 1, 500, PROBLEM)
    failed = {"error": f"found 500\nnot   200\n500 [{request}] {PROBLEM}", "brief": "found 500 internal-error, not 200"}
    run.step(scenario, "Then", "it is listed", "failed", requestId=request, **failed)
    run.finish(scenario, "failed")
    run.end(1)
    proved = Proved(Run.open(tmp_path), Exit.FAILED, reported(tmp_path), 21.4)
    lines = summary(proved, width=80).plain.splitlines()
    at = lines.index("  found 500 internal-error, not 200")
    assert lines[at + 1] == f"  python3 -m ops trace {request}"

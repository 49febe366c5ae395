"""A run as it is watched: counts, the scenarios at hand and their times, a line for each feature, failures at once."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ops.tests.journals import RUN
from ops.tests.terminals import PLAIN, ROOT, python, terminal

TELL = """
import sys, time
from collections import Counter
from pathlib import Path
from ops.journal.journal import Journal, read
from ops.trace.trace_link import TraceLink
from ops.progress import Progress
from ops.run.live_progress import LiveProgress
from ops.tests.journals import RUN, MadeUpRun
run = MadeUpRun(Path(sys.argv[1]))
run.begin()
run.passing()
run.failing()
run.skipped()
name = "A customer signs in again and again until nobody can read this name any more -- @1.1 "
run.passing(5, name, feature="users/signing_in")
events, progress = list(read(run.journal.path)), Progress()
with progress.rows() as rows:
    planned = {"features/orders/place_order.feature": 3, "features/users/signing_in.feature": 1}
    narrator = LiveProgress(progress, rows, TraceLink(RUN), Counter(planned))
    for event in events:
        narrator.tell(event)
        narrator.beat()
        if event.event == "scenario-started":
            time.sleep(PAUSE)
    narrator.close()
"""


@pytest.mark.parametrize("columns", [80, 60])
def test_on_a_terminal(columns: int, tmp_path: Path) -> None:
    with terminal(*python(TELL.replace("PAUSE", "0.6")), str(tmp_path), columns=columns) as seen:
        seen.await_screen(lambda lines: any("scenarios: 0 of 4 " in line for line in lines))
        seen.await_screen(lambda lines: any("orders/place_order.feature:12 A signed-in" in line for line in lines))
        assert re.search(r"orders/place_order.feature:12 A signed-in .*\d\.\ds$", seen.lines[-1])
        seen.await_screen(lambda lines: any("2 of 4 · 1 passed, 1 failed" in line for line in lines))
        seen.await_screen(lambda lines: any("users/signing_in.feature:5 A customer" in line for line in lines))
        assert "… " in seen.lines[-1]
        assert "3 of 4 · 1 passed, 1 failed, 1 skipped" in seen.lines[-2]
        assert seen.end() == 0
        assert not any("scenarios: " in line or not line for line in seen.lines)


def test_in_a_pipe(tmp_path: Path) -> None:
    program = [*python(TELL.replace("PAUSE", "0")), str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, env=PLAIN, check=True)
    assert [re.sub(r"^ +\d+\.\ds", "", line).strip() for line in done.stderr.splitlines()] == [
        "✗ features/orders/place_order.feature:30 An unknown product is refused: failed",
        "│ Then the order is refused as product-not-found",
        "│ AssertionError: expected refusal product-not-found but got internal-error",
        f"python3 -m ops trace orders.place_order.L30.1-{RUN}",
        "- features/orders/place_order.feature:70 A paused service is waited for: skipped",
        "│ this stack cannot: pause",
        "✗ features/orders/place_order.feature: 1 failed, 1 passed, 1 skipped, 0.1 s",
        "✓ features/users/signing_in.feature: 1 passed, 0.0 s",
    ]


AT_ONCE = """
import sys, time
from collections import Counter
from pathlib import Path
from ops.journal.journal import Journal, read
from ops.trace.trace_link import TraceLink
from ops.progress import Progress
from ops.run.live_progress import LiveProgress
from ops.tests.journals import RUN, MadeUpRun
run = MadeUpRun(Path(sys.argv[1]))
run.begin()
order = run.start(12, "An order is placed")
other = run.start(5, "A customer signs in", feature="users/signing_in")
run.ask(order, 1)
run.step(other, "Then", "they are let in", "failed", error="AssertionError: they were not")
run.ask(other, 1)
run.finish(order)
third = run.start(20, "An order is refused")
run.finish(other, "failed")
run.finish(third)
events, progress = list(read(run.journal.path)), Progress()
with progress.rows() as rows:
    planned = {"features/orders/place_order.feature": 2, "features/users/signing_in.feature": 1}
    narrator = LiveProgress(progress, rows, TraceLink(RUN), Counter(planned))
    for event in events:
        narrator.tell(event)
        narrator.beat()
        time.sleep(PAUSE)
    narrator.close()
"""


def test_each_scenario_at_hand_has_a_row(tmp_path: Path) -> None:
    with terminal(*python(AT_ONCE.replace("PAUSE", "0.4")), str(tmp_path), columns=80) as seen:
        seen.await_screen(lambda lines: any("users/signing_in.feature:5 A customer signs in" in line for line in lines))
        assert [line.split()[1] for line in seen.lines[-3:]] == [
            "scenarios:",
            "orders/place_order.feature:12",
            "users/signing_in.feature:5",
        ]
        seen.await_screen(lambda lines: any("orders/place_order.feature:20" in line for line in lines))
        assert not any("orders/place_order.feature:12" in line for line in seen.lines)
        assert seen.end() == 0


def test_what_runs_at_the_same_time_is_told_apart(tmp_path: Path) -> None:
    program = [*python(AT_ONCE.replace("PAUSE", "0")), str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, env=PLAIN, check=True)
    assert [re.sub(r"^ +\d+\.\ds", "", line).strip() for line in done.stderr.splitlines()] == [
        "✗ features/users/signing_in.feature:5 A customer signs in: failed",
        "│ Then they are let in",
        "│ AssertionError: they were not",
        f"python3 -m ops trace users.signing_in.L5.1-{RUN}",
        "✗ features/users/signing_in.feature: 1 failed, 0.0 s",
        "✓ features/orders/place_order.feature: 2 passed, 0.1 s",
    ]

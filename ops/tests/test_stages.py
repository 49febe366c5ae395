"""The parts of a stage of `ops test` run at the same time, and what each says stays in one piece."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

from ops.progress import Progress
from ops.quality.tally import Tally
from ops.quality.tools import Runner, run

MEET = """
import sys, time
from pathlib import Path
own, other = map(Path, sys.argv[1:])
print("one", own.name, flush=True)
own.touch()
ends = time.monotonic() + 20
while not other.exists():
    if time.monotonic() > ends:
        sys.exit("the other never came")
    time.sleep(0.01)
time.sleep(0.1)
print("two", own.name)
"""


def meet(own: Path, other: Path, runner: Runner) -> Tally:
    return runner.run(own.name, [sys.executable, "-c", MEET, str(own), str(other)])


def fail(runner: Runner) -> Tally:
    return runner.run("fail", [sys.executable, "-c", "raise SystemExit(1)"])


def test_parts_meet_and_their_words_are_not_mixed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    found = run([partial(meet, a, b), partial(meet, b, a), fail], Progress(quiet=True), tmp_path)

    assert found == Tally(passed=2, failed=1)
    assert "one b\ntwo b\n" in capfd.readouterr().out

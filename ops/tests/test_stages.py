"""The parts of a stage of `ops test` run at the same time, and what each says stays in one piece."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from ops.eventually import pause
from ops.progress import Progress
from ops.quality import engine
from ops.quality.results import Tally, of_junit
from ops.quality.tools import Runner, _pytest, run, verify_compose, verify_local, verify_replicas
from ops.stacks.layout import ROOT

TESTS = """
from pathlib import Path
def test_that_passes_alone():
    been = Path(__file__).with_name("been")
    if not been.exists():
        been.touch()
        assert False
def test_that_always_fails():
    assert False
def test_that_always_passes():
    pass
"""
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


def test_after_an_interruption_no_tool_is_started(tmp_path: Path) -> None:
    mark = tmp_path / "late"

    def late(runner: Runner) -> Tally:
        pause(0.3)
        os.kill(os.getpid(), signal.SIGINT)
        pause(0.5)
        return runner.run("late", ["touch", mark])

    with pytest.raises(KeyboardInterrupt):
        run([late], Progress(quiet=True), tmp_path)
    assert not mark.exists()


def test_parts_meet_and_their_words_are_not_mixed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    found = run([partial(meet, a, b), partial(meet, b, a), fail], Progress(quiet=True), tmp_path)

    assert found == Tally(passed=2, failed=1)
    assert "one b\ntwo b\n" in capfd.readouterr().out


def its_tests(folder: Path, text: str, *beside: str) -> Tally:
    tests = folder / "test_of_this.py"
    tests.write_text(text)
    part = partial(_pytest, "its tests", ["-c", str(ROOT / "pyproject.toml"), str(tests)], beside=beside)
    return run([part], Progress(quiet=True), folder)


def test_what_failed_runs_once_more_alone(tmp_path: Path) -> None:
    assert its_tests(tmp_path, TESTS, "-n", "1") == Tally(passed=2, failed=1)
    assert of_junit(tmp_path / "its-tests.xml").failed == 2


def test_tests_that_did_not_all_run_have_failed(tmp_path: Path) -> None:
    cut_short = f"{TESTS}    import pytest\n    pytest.exit('enough')\n"
    assert its_tests(tmp_path, cut_short, "-p", "no:xdist").failed


def test_what_one_process_compiles_is_kept_for_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    asked = [sys.executable, "-c", "import sys; sys.exit(sys.dont_write_bytecode)"]
    assert run([lambda runner: runner.run("asked", asked)], Progress(quiet=True), tmp_path) == Tally(passed=1)


def test_each_verify_has_a_stack_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that failed keeps its stack, and a stack of that name as another kind would be refused."""
    called: list[str] = []

    class Listing(Runner):
        def run(self, name: str, command: Sequence[str | Path]) -> Tally:
            called.append(name)
            return Tally(passed=1)

    monkeypatch.setattr(engine, "missing", lambda _progress: None)
    for part in (verify_local, verify_replicas, verify_compose):
        part(Listing(Progress(quiet=True), Path(), [], threading.Event()))
    assert len({call.partition("--name ")[2].partition(" ")[0] for call in called}) == len(called) == 3

"""A run whose processes are killed or interrupted cleans up, or the next call does; of any system, here a small one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator

import psutil
import pytest

from ops import system
from ops.errors import Exit
from ops.stacks import processes
from ops.stacks.layout import ROOT, Layout
from ops.tests.calls import OPS, process
from ops.tests.test_systems import LIBRARY
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole

SCENARIOS = 11
"""Of the library (test_systems.py)."""

HERE = Layout("t-killed", LIBRARY.parent / ".ops")


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each call works on the library, and nothing is left of its stack."""
    monkeypatch.setenv(system.FILE, str(LIBRARY))
    yield
    assert process("down", "--name", HERE.name).returncode == 0
    assert not HERE.directory.exists()


def verify(*options: str) -> subprocess.Popen[str]:
    """A run that has started its workers, or does so soon."""
    call = [*OPS, "verify", "--name", HERE.name, *options]
    environment = {**os.environ, "CI": "true"}
    return subprocess.Popen(
        call, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def living() -> list[psutil.Process]:
    return processes.of(HERE.directory)


def workers() -> list[psutil.Process]:
    return processes.of(HERE.directory, "ops.run.behave")


def test_what_a_killed_run_left_is_found_by_the_next_call() -> None:
    with verify("--workers", "1") as going:
        eventually(workers, within=90)
        going.kill()
    assert living()
    said = process("down", "--name", "t-none").stdout
    assert f"{HERE.name}, left by a killed run, is removed" in said or swept_by_another_call()
    assert living() == []


def swept_by_another_call() -> bool:
    """Tests of other workers call ops too, on the same system."""
    eventually(lambda: not HERE.directory.exists())
    return True


def test_an_interrupted_run_cleans_up_and_says_130() -> None:
    with verify("--workers", "1") as going:
        eventually(workers, within=90)
        going.send_signal(signal.SIGINT)
        said = going.communicate(timeout=40)[0]
    assert going.returncode == Exit.INTERRUPTED
    assert "interrupted:" in said
    assert living() == []
    assert not HERE.directory.exists()


def test_a_worker_that_dies_is_named() -> None:
    with verify("--workers", "2") as going:
        eventually(lambda: len(workers()) == 2, within=90)
        workers()[0].kill()
        said = going.communicate(timeout=90)[0]
    assert going.returncode == Exit.FAILED
    assert re.search(r"worker [12] ended with exit code -9", said)
    *_, passed = re.findall(r"(\d+) passed", said)
    assert int(passed) >= SCENARIOS - 1, "the other worker went on; the one that died had one at hand"

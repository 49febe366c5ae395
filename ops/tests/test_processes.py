"""A stack's processes are found by where they work, and by nothing that a killed ops could have failed to write."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import psutil
import pytest

from ops.stacks import processes

PATIENT = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {PATIENT}"


Start: TypeAlias = Callable[..., psutil.Popen]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def started(folder: Path) -> Iterator[Start]:
    """Starts a program in the folder, or in another place, and waits until it is up."""
    children: list[psutil.Popen] = []

    def start(
        program: str = PATIENT,
        name: str = "services.users",
        place: Path = folder,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> psutil.Popen:
        log = place / "program.log"
        children.append(processes.start([sys.executable, "-c", program, name], place, log, environment))
        while "up" not in log.read_text():
            assert children[-1].poll() is None
        return children[-1]

    yield start
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
        child.wait()


def test_a_program_that_works_in_the_folder_is_the_stacks(folder: Path, started: Start) -> None:
    process = started()
    assert [found.pid for found in processes.of(folder)] == [process.pid]


def test_a_strangers_program_in_the_folder_is_not(folder: Path) -> None:
    with subprocess.Popen(["sleep", "60"], cwd=folder) as stranger:  # noqa: S607
        found = processes.of(folder)
        stranger.kill()
    assert found == []


def test_a_program_marked_with_the_folder_is_the_stacks_wherever_it_works(folder: Path, started: Start) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    process = started(name="behave", place=elsewhere, environment={processes.MARK: str(folder)})
    assert [found.pid for found in processes.of(folder)] == [process.pid]


def test_end_asks_first(folder: Path, started: Start) -> None:
    process = started()
    processes.end(processes.of(folder))
    assert process.wait() == -signal.SIGTERM


def test_end_kills_what_does_not_listen(folder: Path, started: Start) -> None:
    process = started(STUBBORN)
    processes.end(processes.of(folder), grace=0.2)
    assert process.wait() == -signal.SIGKILL


def test_end_reaches_a_paused_process(folder: Path, started: Start) -> None:
    process = started()
    process.suspend()
    assert processes.is_paused(process.pid)
    processes.end(processes.of(folder))
    assert process.wait() == -signal.SIGTERM


def test_a_reused_process_id_is_not_the_stacks(folder: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:  # noqa: S607
        alive = processes.is_alive(stranger.pid, folder)
        stranger.kill()
    assert not alive

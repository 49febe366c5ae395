"""A stack's processes are found by where they work, and by nothing that a killed ops could have failed to write."""

from __future__ import annotations

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
from ops.tests.waiting import eventually

WAIT = "print('up', flush=True); time.sleep(60)"
POLITE = f"import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('asked'))); {WAIT}"
STUBBORN = f"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAIT}"
Start: TypeAlias = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def started(folder: Path) -> Iterator[Start]:
    """Starts a program in the folder, or in another place, and waits until it is up."""
    children: list[subprocess.Popen[bytes]] = []

    def start(
        program: str = POLITE,
        name: str = "ops.run.behave",
        place: Path = folder,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> subprocess.Popen[bytes]:
        log = place / "program.log"
        children.append(processes.start([sys.executable, "-c", program, name], place, log, environment))
        while "up" not in log.read_text():
            assert children[-1].poll() is None
        return children[-1]

    yield start
    for child in children:
        child.kill()
        child.wait()


def test_a_program_that_works_in_the_folder_is_the_stacks(folder: Path, started: Start) -> None:
    process = started()
    assert [found.pid for found in processes.of(folder)] == [process.pid]


def test_any_program_that_is_marked_as_a_service_is_too(folder: Path, started: Start) -> None:
    process = started(name="anything", environment={processes.SERVICE: "users"})
    assert [found.pid for found in processes.of(folder)] == [process.pid]


def test_a_strangers_program_in_the_folder_is_not(folder: Path) -> None:
    with subprocess.Popen(["sleep", "60"], cwd=folder) as stranger:  # noqa: S607
        found = processes.of(folder)
        stranger.kill()
    assert found == []


def test_a_program_marked_with_the_folder_is_the_stacks_wherever_it_works(folder: Path, started: Start) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    process = started(name="ops.run.behave", place=elsewhere, environment={processes.MARK: str(folder)})
    assert [found.pid for found in processes.of(folder)] == [process.pid]


def test_end_asks_first(folder: Path, started: Start) -> None:
    started()
    processes.end(processes.of(folder))
    assert processes.of(folder) == []
    assert "asked" in (folder / "program.log").read_text()


def test_end_asks_by_the_signal_that_a_service_wants(folder: Path, started: Start) -> None:
    wants = {processes.SERVICE: "store", processes.STOP: str(int(signal.SIGINT))}
    started(POLITE.replace("SIGTERM", "SIGINT"), "anything", environment=wants)
    processes.end(processes.of(folder))
    assert "asked" in (folder / "program.log").read_text()


def test_end_kills_what_does_not_listen(folder: Path, started: Start) -> None:
    started(STUBBORN)
    processes.end(processes.of(folder), grace=0.2)
    assert processes.of(folder) == []


def test_end_reaches_a_paused_process(folder: Path, started: Start) -> None:
    process = started()
    psutil.Process(process.pid).suspend()
    while not processes.is_paused(process.pid):
        assert process.poll() is None
    processes.end(processes.of(folder))
    assert "asked" in (folder / "program.log").read_text()


def test_what_has_ended_need_not_be_buried(
    folder: Path, started: Start, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As in a container whose first process buries nobody."""
    child = f"subprocess.Popen(['python3', '-c', {POLITE!r}, 'ops.run.behave'], cwd={str(folder)!r})"
    parent = started(f"import subprocess, sys, time; {child}; {WAIT}", "careless", tmp_path_factory.mktemp("elsewhere"))
    eventually(lambda: processes.of(folder))
    processes.end(processes.of(folder), grace=0.2)
    assert [process.status() for process in psutil.Process(parent.pid).children()] == [psutil.STATUS_ZOMBIE]


def test_a_reused_process_id_is_not_the_stacks(folder: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:  # noqa: S607
        alive = processes.is_alive(stranger.pid, folder)
        stranger.kill()
    assert not alive

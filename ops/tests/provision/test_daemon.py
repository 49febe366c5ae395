"""An engine is started where none answers, also after one was killed, and ended by whom it was started."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from ops.errors import StackNotReady
from ops.progress import Progress
from ops.provision import daemon as engines
from ops.provision.daemon import Daemon
from ops.provision.docker import NoEngine

QUIET = Progress(quiet=True)


def processes_of(daemon: Daemon) -> list[str]:
    """Everything that runs with its files."""
    place = str(daemon.run.parent)
    return [one.name() for one in psutil.process_iter() if any(place in word for word in _words(one))]


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def process_id(daemon: Daemon) -> int:
    return int((daemon.run / "docker.pid").read_text())


def test_it_answers_when_it_is_started_and_is_gone_when_it_is_ended(daemon: Daemon) -> None:
    daemon.start()
    assert daemon.docker.engine()
    daemon.end()
    assert processes_of(daemon) == []


def test_it_starts_after_one_was_killed(daemon: Daemon) -> None:
    daemon.start()
    killed = psutil.Process(process_id(daemon))
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert (daemon.run / "docker/containerd/containerd.pid").exists()
    daemon.start()
    assert daemon.docker.engine()


def test_strangers_with_the_process_ids_of_a_killed_one_do_not_keep_it_out(daemon: Daemon) -> None:
    for file in ("docker.pid", "docker/containerd/containerd.pid"):
        (daemon.run / file).write_text(str(os.getpid()))
    daemon.start()
    assert daemon.docker.engine()


def test_it_has_addresses_for_many_stacks(daemon: Daemon) -> None:
    daemon.options = [*daemon.options, *engines.room()]
    daemon.start()
    made = [daemon.docker.run(["network", "create", f"n{number}"]) for number in range(40)]
    assert [one.stderr for one in made if one.returncode] == []


def test_the_machines_own_address_pools_are_left_to_it(tmp_path: Path) -> None:
    settings = tmp_path / "daemon.json"
    settings.write_text('{"default-address-pools": [{"base": "10.9.0.0/16", "size": 24}]}')
    assert engines.room(settings) == []
    assert engines.room(tmp_path / "none") == [engines.ROOM]


def test_one_that_cannot_start_says_why(daemon: Daemon) -> None:
    daemon.options = [*daemon.options, "--storage-driver=none-such"]
    with pytest.raises(StackNotReady, match="dockerd ended before it answered") as failure:
        daemon.start()
    assert any("none-such" in line for line in failure.value.log)


def test_an_engine_that_answers_is_used_and_left_alone(daemon: Daemon, tmp_path: Path) -> None:
    daemon.start()
    before = process_id(daemon)
    with engines.running(daemon.docker.environment, tmp_path / "log", QUIET) as docker:
        assert docker.engine()
    assert process_id(daemon) == before
    assert daemon.docker.engine()


def test_somebody_elses_engine_that_does_not_answer_is_not_replaced(daemon: Daemon, tmp_path: Path) -> None:
    with (
        pytest.raises(NoEngine, match="no Docker Engine answers"),
        engines.running(daemon.docker.environment, tmp_path / "log", QUIET),
    ):
        pass

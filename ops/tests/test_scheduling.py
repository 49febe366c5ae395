"""Workers settle among themselves who takes which scenario, and who must be alone."""

from __future__ import annotations

import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.api import ROOT

pytestmark = pytest.mark.whole


TAKE = """
import sys
from pathlib import Path
from ops.api import Turns
turns = Turns(Path(sys.argv[1]))
print(*(number for number in range(200) if turns.take(f"features/a.feature:{number}")))
"""
WAIT = """
import sys
from pathlib import Path
from ops.api import Turns
turns = Turns(Path(sys.argv[1]))
print("waiting", flush=True)
end = turns.wait(alone=sys.argv[2] == "alone")
print("begun", flush=True)
sys.stdin.readline()
end()
print("ended", flush=True)
sys.stdin.read()
"""


def worker(folder: Path, program: str, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", program, str(folder), *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, bufsize=0)  # `is_told` sees what is unread


def line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout
    return process.stdout.readline().decode().strip()


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    workers: list[subprocess.Popen[bytes]] = []

    def start(how: str) -> subprocess.Popen[bytes]:
        workers.append(worker(tmp_path, WAIT, how))
        assert line(workers[-1]) == "waiting"
        return workers[-1]

    yield start
    for each in workers:
        each.kill()
        each.communicate()


def test_each_scenario_is_taken_once(tmp_path: Path) -> None:
    workers = [worker(tmp_path, TAKE) for _ in range(4)]
    taken = [int(number) for each in workers for number in each.communicate()[0].split()]
    assert sorted(taken) == list(range(200))


def test_scenarios_run_beside_each_other_and_some_alone(waiting: Callable[[str], subprocess.Popen[bytes]]) -> None:
    one, two = waiting("beside"), waiting("beside")
    assert [line(one), line(two)] == ["begun", "begun"]
    alone = waiting("alone")
    assert not is_told(alone, within=0.5)
    for each in (one, two):
        end(each)
    assert line(alone) == "begun"
    third = waiting("beside")
    assert not is_told(third, within=0.5)
    end(alone)
    assert line(third) == "begun"


def test_a_worker_that_is_killed_keeps_nobody_waiting(waiting: Callable[[str], subprocess.Popen[bytes]]) -> None:
    alone = waiting("alone")
    assert line(alone) == "begun"
    other = waiting("beside")
    assert not is_told(other, within=0.5)
    alone.kill()
    assert line(other) == "begun"


def end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin
    process.stdin.write(b"\n")
    assert line(process) == "ended"


def is_told(process: subprocess.Popen[bytes], within: float) -> bool:
    assert process.stdout
    return bool(select.select([process.stdout], [], [], within)[0])

"""Any end of the output, of the terminal or of who called ends in the same clean-up as Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.errors import Exit
from ops.eventually import eventually, pause
from ops.stacks import processes
from ops.stacks.layout import Layout
from ops.tests.terminals import ROOT, terminal

pytestmark = pytest.mark.whole

WORK = """
import sys, time
from pathlib import Path
from ops.interruption import listen, undisturbed, watch_output
listen()
watch_output()
try:
    for number in range(600):
        print("line", number, file=sys.stderr)
        time.sleep(0.05)
except KeyboardInterrupt:
    print("interrupted", file=sys.stderr)
    with undisturbed():
        for number in range(20):
            print("cleaning", number, file=sys.stderr)
            print("cleaning", number, flush=True)
        time.sleep(0.3)
        Path(sys.argv[1]).touch()
"""
STACK = "head"
CLEAN = 20.0
"""Seconds in which the clean-up is over."""


def work(mark: Path) -> list[str]:
    return [sys.executable, "-c", WORK, str(mark)]


def shell(command: str, mark: Path) -> subprocess.Popen[bytes]:
    """`command` in a shell, in which `$0` is the work."""
    program = mark.with_suffix(".sh")
    program.write_text(f"exec '{sys.executable}' -c '{WORK}' '{mark}'\n")
    return subprocess.Popen(["/bin/bash", "-c", command, str(program)], cwd=ROOT, start_new_session=True)


def is_there(mark: Path) -> Callable[[], bool]:
    return mark.exists


@pytest.mark.parametrize("reader", ["head -4", "head -c 5", "true", "timeout 0.3 cat", "timeout -s KILL 0.3 cat"])
def test_a_reader_that_leaves(tmp_path: Path, reader: str) -> None:
    mark = tmp_path / "clean"
    shell(f'bash "$0" 2>&1 | {reader} >/dev/null', mark).wait()
    assert eventually(is_there(mark), CLEAN)


def test_a_verify_whose_reader_leaves_takes_its_stack_away() -> None:
    command = [sys.executable, "-m", "ops", "verify", "--name", STACK, "--tags", "@journey"]
    verify = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    place = Layout(STACK)
    assert verify.stdout
    with verify.stdout as said:
        assert any(b"is ready" in line for line in said)
        assert processes.of(place.directory)
    assert verify.wait(60) == Exit.INTERRUPTED
    assert eventually(lambda: not processes.of(place.directory) and not place.directory.exists(), 60)


def test_the_same_ctrl_c_ends_the_reader(tmp_path: Path) -> None:
    mark = tmp_path / "clean"
    whole = shell('bash "$0" 2>&1 | tee /dev/null', mark)
    pause(1.0)
    os.killpg(whole.pid, signal.SIGINT)
    whole.wait()
    assert eventually(is_there(mark), CLEAN)


def test_a_terminal_that_is_closed(tmp_path: Path) -> None:
    mark = tmp_path / "clean"
    with terminal(*work(mark)) as seen:
        seen.await_screen(lambda lines: len(lines) > 2)
        os.close(seen.master)
        try:
            assert eventually(is_there(mark), CLEAN)
        finally:
            seen.master = os.open(os.devnull, os.O_RDONLY)


def test_a_caller_that_is_killed(tmp_path: Path) -> None:
    """Its pipe ends with it."""
    mark = tmp_path / "clean"
    caller = f"import subprocess; subprocess.run({work(mark)!r}, capture_output=True)"
    killed = subprocess.Popen([sys.executable, "-c", caller], cwd=ROOT)
    pause(1.0)
    killed.kill()
    killed.wait()
    assert eventually(is_there(mark), CLEAN)


def test_who_is_detached_goes_on(tmp_path: Path) -> None:
    mark = tmp_path / "clean"
    log = tmp_path / "log"
    with terminal("bash", "-c", f'nohup bash "$0" >{log} 2>&1 & echo "on $!"; sleep 60', str(mark.with_suffix(".sh"))):
        shell("true", mark).wait()
        assert eventually(lambda: log.exists() and "line 5" in log.read_text(), CLEAN)
    there = log.read_text()
    assert eventually(lambda: len(log.read_text()) > len(there), CLEAN)
    assert not mark.exists()

"""Ctrl-C: a child is told and gets the time to clean up; a second one does not disturb that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops.interruption import ended_with_us, undisturbed

CAREFUL = """
import pathlib, signal, sys, time
def clean(*_):
    time.sleep(0.5)
    pathlib.Path(sys.argv[1]).touch()
    sys.exit()
signal.signal(signal.SIGINT, clean)
print("up", flush=True)
time.sleep(60)
"""
DEAF = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def child(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    started = subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, start_new_session=True
    )
    assert started.stdout is not None
    with started.stdout as said:
        assert said.readline() == b"up\n"
    return started


def test_a_child_gets_the_time_to_clean_up(tmp_path: Path) -> None:
    clean = tmp_path / "clean"
    careful = child(CAREFUL, str(clean))
    with pytest.raises(KeyboardInterrupt), ended_with_us([careful]):
        raise KeyboardInterrupt
    assert careful.returncode == 0
    assert clean.exists()


def test_a_child_that_does_not_listen_is_killed() -> None:
    deaf = child(DEAF)
    with pytest.raises(KeyboardInterrupt), ended_with_us([deaf], farewell=0.2):
        raise KeyboardInterrupt
    assert deaf.returncode == -signal.SIGKILL


def test_a_second_interruption_does_not_disturb_the_clean_up() -> None:
    done = []
    with undisturbed():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("clean")
    assert done == ["clean"]
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()

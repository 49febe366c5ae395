"""Ctrl-C: a child is told and gets the time to clean up; a second one does not disturb that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ops.interruption import ended_with_us, postponed, undisturbed

pytestmark = pytest.mark.whole


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


def test_what_is_started_in_a_clean_up_can_be_asked_to_end() -> None:
    with undisturbed():
        started = child("import time; print('up', flush=True); time.sleep(60)")
        started.terminate()
        try:
            assert started.wait(5) == -signal.SIGTERM
        finally:
            started.kill()


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM])
def test_a_change_is_finished_before_an_interruption_counts(blow: signal.Signals) -> None:
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    done = []
    try:
        with pytest.raises(KeyboardInterrupt), postponed():
            os.kill(os.getpid(), blow)
            done.append("whole")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert done == ["whole"]


def test_what_fails_is_told_where_nothing_interrupts() -> None:
    with pytest.raises(ValueError, match="own"), postponed():
        raise ValueError("own")


def test_a_change_in_another_thread_needs_no_protection() -> None:
    with ThreadPoolExecutor() as pool:
        assert pool.submit(lambda: postponed().__enter__()).result() is None

"""What a process takes: of a real one, and as Linux tells it of a container's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ops.stacks import usage

STATUS = "Name:\tpython\nUid:\t10001\nVmPeak:\t  99999 kB\nVmRSS:\t   40960 kB\nThreads:\t15\nCpus_allowed_list:\t0-1\n"
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


BUSY = """
import socket, sys, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
server = socket.create_server(("127.0.0.1", 0))
ends = socket.create_connection(server.getsockname()), server.accept()
print("ready", flush=True)
sys.stdin.read()
"""


def row(state: str, inode: int, port: str = "A2B4", user: int = 10001) -> str:
    rest = f"00000000:00000000 00:00000000 00000000 {user:5}        0"
    return f"   0: 0100007F:{port} 0100007F:A2B5 {state} {rest} {inode} 1 x\n"


def test_connections_count_as_long_as_they_are_held() -> None:
    held = [row("01", 7), row("08", 8), row("01", 10, "1F40")]
    rest = {"long closed": row("06", 0), "listening": row("0A", 9, "1F40"), "nobody's": row("01", 0)}
    rest["of the fault proxy"] = row("01", 11, user=0)
    text = STATUS + HEAD + "".join([*held[:2], *rest.values()]) + HEAD + held[2]
    assert usage.of_proc(text) == usage.Usage(memory=40960 * 1024, threads=15, incoming=1, outgoing=2)


def test_another_text_is_refused() -> None:
    with pytest.raises(ValueError, match="VmRSS"):
        usage.of_proc("cat: /proc/1/status: No such file or directory")


@pytest.fixture
def busy() -> Iterator[int]:
    """A process with one connection in, one out and one thread more than its first; nobody else disturbs it."""
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield process.pid


def test_a_process_is_told_as_it_is(busy: int) -> None:
    told = usage.of_process(busy)
    assert (told.threads, told.incoming, told.outgoing) == (2, 1, 1)
    assert told.memory > 1024 * 1024


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="only Linux has /proc")
def test_both_ways_tell_the_same(busy: int) -> None:
    process = usage.of_process(busy)
    told = usage.of_proc(Path(f"/proc/{busy}/status").read_text())
    assert told.threads == process.threads
    assert abs(told.memory - process.memory) < 4 * 1024 * 1024


def test_a_process_that_has_ended_uses_nothing() -> None:
    with pytest.raises(psutil.Error):
        usage.of_process(2**22 + 1)

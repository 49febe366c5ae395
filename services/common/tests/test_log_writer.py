"""What reads the log may be slow, gone or full: requests go on, and what was lost is counted and said afterwards."""

import fcntl
import http.client
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from services.common.runtime.logs import MOST
from services.common.tests.processes import Running, environment, running

pytestmark = pytest.mark.whole

SAMPLE = "services.common.tests.sample"
SETTINGS = {"DATABASE_URL": "sqlite:////unused.db", "GRACE": "8"}
F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", 1031)


def ask(service: Running, path: str) -> bytes:
    """The body of an answer that has to be 200, over a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=5)) as connection:
        return asked(connection, path)


def asked(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    assert response.status == 200
    return body


def many(service: Running, count: int) -> None:
    """Requests that are answered in the loop, and as many in a thread."""
    with closing(service.connection()) as connection:
        for _ in range(count // 2):
            asked(connection, "/quick")
            asked(connection, "/sleep/0")


def dropped(service: Running) -> int:
    lines = ask(service, "/metrics").decode().splitlines()
    (value,) = [line.split()[1] for line in lines if line.startswith("log_lines_dropped_total")]
    return int(float(value))


@contextmanager
def limited(service: Running, more: int) -> Iterator[None]:
    """Its log has room for that many bytes more: a write of the next fails, as on a volume that is full."""
    process = psutil.Process(service.process.pid)
    before = process.rlimit(resource.RLIMIT_FSIZE)
    process.rlimit(resource.RLIMIT_FSIZE, (service.log.stat().st_size + more, before[1]))
    yield
    process.rlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_volume_costs_no_request_and_no_line_that_can_wait(tmp_path: Path) -> None:
    with running(SAMPLE, tmp_path, **SETTINGS) as service:
        with limited(service, 1000):
            many(service, 100)
            assert json.loads(ask(service, "/livez")) == {"status": "ok"}
        service.stop()
        assert service.exit_code() == 0
        assert dict(collected(service)) == {"/quick": 50, "/sleep/0": 50}


def collected(service: Running) -> Iterator[tuple[str, int]]:
    """How many lines there are of each path; each line of the log is whole."""
    paths = [line["path"] for line in service.lines("request")]
    yield from ((path, paths.count(path)) for path in set(paths))


def test_what_a_full_volume_cost_is_counted_and_said_once_it_has_room(tmp_path: Path) -> None:
    with running(SAMPLE, tmp_path, **SETTINGS) as service:
        with limited(service, 1000):
            many(service, MOST + 500)
            lost = dropped(service)
            assert 0 < lost <= 600
        (line,) = eventually(lambda: service.lines("log-lines-dropped"))
        assert (line["count"], line["level"]) == (lost, "warning")
        many(service, 2)
        service.stop()
        assert service.exit_code() == 0
        assert len(service.lines("request")) + lost == MOST + 502


@contextmanager
def unread(tmp_path: Path) -> Iterator[Running]:
    """A service whose log is a small pipe that nobody reads any more once it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", SAMPLE], stdout=subprocess.PIPE, env=environment(PORT="0", **SETTINGS)
    )
    assert process.stdout
    fcntl.fcntl(process.stdout, F_SETPIPE_SZ, 4096)
    service = Running(process, tmp_path / "none", int(json.loads(process.stdout.readline())["port"]))
    try:
        yield service
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_pipe_that_nobody_reads_blocks_no_request(tmp_path: Path) -> None:
    with unread(tmp_path) as service:
        many(service, MOST + 500)
        lost = dropped(service)
        assert 0 < lost <= 600
        assert service.process.stdout
        said = next(line for line in map(json.loads, service.process.stdout) if line["event"] == "log-lines-dropped")
        assert said["count"] == lost


def test_a_pipe_that_nobody_reads_holds_up_no_end(tmp_path: Path) -> None:
    with unread(tmp_path) as service:
        many(service, 400)
        begun = time.monotonic()
        service.stop()
        assert service.exit_code() == 0
        assert time.monotonic() - begun < 5


def test_a_reader_that_is_gone_ends_nothing(tmp_path: Path) -> None:
    with unread(tmp_path) as service:
        assert service.process.stdout
        service.process.stdout.close()
        many(service, 400)
        service.stop()
        assert service.exit_code() == 0


def eventually(probe: Any) -> Any:
    deadline = time.monotonic() + 10
    while not (found := probe()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found

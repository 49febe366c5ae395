"""The culprit is named at once, with its last lines; what becomes ready is timed."""

from __future__ import annotations

import http.server
import math
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.errors import StackNotReady
from ops.progress import Progress
from ops.stacks import ports, readiness
from ops.stacks.readiness import Check
from ops.tests.terminals import python, terminal

pytestmark = pytest.mark.whole


QUIET = Progress(quiet=True)
OK = frozenset({200})


class Service(http.server.BaseHTTPRequestHandler):
    """Ready 0.3 seconds after it came up."""

    ready_at = 0.0

    def do_GET(self) -> None:
        self.send_response(200 if time.monotonic() >= Service.ready_at else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Service.ready_at = time.monotonic() + 0.3
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/readyz"
        server.shutdown()


def test_it_waits_until_ready_and_says_how_long_it_took(url: str, tmp_path: Path) -> None:
    check = Check("users", url, OK, lambda: True, tmp_path / "none.log")
    readiness.wait([check], QUIET)
    assert check.ready_ms is not None
    assert 300 <= check.ready_ms < 3000


def test_a_dead_process_is_named_with_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "orders.log"
    log.write_text("first\nDATABASE_URL is missing\n")
    check = Check("orders", f"http://127.0.0.1:{ports.free(1)[0]}/readyz", OK, lambda: False, log)
    with pytest.raises(StackNotReady, match="orders ended before it was ready") as failure:
        readiness.wait([check], QUIET, within=20)
    assert failure.value.log[-1] == "DATABASE_URL is missing"


def test_what_stays_unready_is_named_with_its_last_answer(url: str, tmp_path: Path) -> None:
    Service.ready_at = time.monotonic() + 60
    check = Check("products", url, OK, lambda: True, tmp_path / "none.log")
    with pytest.raises(StackNotReady, match="products is not ready after 0 s: answered 503 .*none.log"):
        readiness.wait([check], QUIET, within=0.2)


def test_a_port_that_is_taken_is_not_chosen(url: str) -> None:
    taken = int(url.rsplit(":")[2].split("/")[0])
    assert not ports.is_free(taken)
    assert ports.choose(None, taken, 20_001) == 20_001
    with pytest.raises(StackNotReady, match=f"port {taken} is taken"):
        ports.choose(taken, 8080, 20_001)


def test_free_ports_are_different_and_outside_the_kernels_range() -> None:
    found = ports.free(20)
    assert len(set(found)) == 20
    assert all(port < 32_768 for port in found)


WAIT = """
import sys
from pathlib import Path
from ops.progress import Progress
from ops.stacks.readiness import Check, wait
urls = {"users": sys.argv[1], "orders": "http://127.0.0.1:9/readyz"}
there = Path(sys.argv[2])
checks = [Check(name, url, frozenset({200}), there.exists, Path("none.log")) for name, url in urls.items()]
wait(checks, Progress(), within=60)
"""


def test_on_a_terminal_each_service_has_a_row_that_says_what_it_waits_for(url: str, tmp_path: Path) -> None:
    Service.ready_at = math.inf
    there = tmp_path / "there"
    there.touch()
    with terminal(*python(WAIT), url, str(there)) as seen:
        seen.await_screen(lambda lines: any("users      waiting for /readyz: answered 503" in line for line in lines))
        Service.ready_at = 0.0
        seen.await_screen(
            lambda lines: any("orders     waiting for /readyz: no connection yet" in line for line in lines)
        )
        seen.await_screen(
            lambda lines: (
                any("users      ready after " in line for line in lines)
                and not any("users      waiting" in line for line in lines)
                and "orders     waiting" in lines[-1]
            )
        )
        there.unlink()
        assert seen.end() == 1
        assert not any("waiting for" in line for line in seen.lines)

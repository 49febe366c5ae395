"""Bytes that were sent past every client are sent again as they were, with the masked secrets left to the reader."""

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from ops.journal.events import Request
from ops.journal.journal import Journal
from ops.journal.record import Record
from ops.report.wire import again
from ops.stacks.layout import ROOT
from ops.tests.journals import RUN, event

pytestmark = pytest.mark.whole


BASE = "http://127.0.0.1:1"
SENDING = """
import contextlib
import sys
from pathlib import Path
from features.support.contract import wire
from features.support.exchanges import Exchanges
from ops.api import Journal

exchanges = Exchanges(Journal(Path(sys.argv[1])), "features/gateway/made_up.feature:1", "http://127.0.0.1:1")
for line in sys.stdin:
    with contextlib.suppress(AssertionError):
        wire.send(exchanges, bytes.fromhex(line))
"""
NC = 'nc() { echo "to $*" >&2; cat; }\n'
BYTES = (
    b"GET /users/./me HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n",
    b"CONNECT elsewhere.test:443 HTTP/1.1\r\n\r\n",
    b"-e 100%d \\n 'quoted' \"$HOME\" `id` \0001\xff\xfe \xc3\xa9\r\n\r\n",
    b"\x16\x03\x01\x00\xa5\x01" + bytes(32) + b"\r\n\r\n",
)
LINES = (*BYTES[:2], b"GET products HTTP/9.9\r\n\r\n")
SECRET = (
    b"POST /users/login HTTP/1.1\r\nAuthorization: Bearer " + b"t" * 20 + b"\r\nIdempotency-Key: k1\r\n\r\n"
    b'{"email": "a@b.test", "password": "long enough"}'
)
HEADER = b"GET /products/%0d%0aSet-Cookie:x HTTP/1.1\r\n\r\n"
LONG = b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n"
SENT = (*BYTES, LINES[2], SECRET, HEADER, LONG)


def request(**fields: object) -> Request:
    return Request.model_validate({"scenario": "a:1", "request_id": "x", "method": "GET", **fields})


@pytest.fixture(scope="module")
def journaled(tmp_path_factory: pytest.TempPathFactory) -> Mapping[bytes, Request]:
    """What was sent, and the request as the report finds it in the journal."""
    journal = tmp_path_factory.mktemp("runs") / RUN
    Journal(journal).write(event("run-started"))
    lines = "".join(f"{payload.hex()}\n" for payload in SENT)
    subprocess.run([sys.executable, "-c", SENDING, str(journal)], cwd=ROOT, input=lines, text=True, check=True)
    return dict(zip(SENT, Record.read(journal).scenarios[0].last.requests, strict=True))


def sent(command: str, shell: str = "/bin/sh", **secrets: str) -> tuple[bytes, str]:
    """What the command sends, and where to."""
    environment = {"PATH": os.environ["PATH"], **secrets}
    done = subprocess.run([shell, "-c", NC + command], env=environment, capture_output=True, check=True)
    return done.stdout, done.stderr.decode().strip()


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
@pytest.mark.parametrize("payload", BYTES)
def test_every_byte_is_sent_again(payload: bytes, shell: str, journaled: Mapping[bytes, Request]) -> None:
    assert sent(again(journaled[payload]), shell) == (payload, "to 127.0.0.1 1")


def test_the_page_shows_what_was_asked_for(journaled: Mapping[bytes, Request]) -> None:
    asked = [(one.method, one.path) for one in map(journaled.__getitem__, LINES)]

    assert asked == [("GET", "/users/./me"), ("CONNECT", "elsewhere.test:443"), ("GET", "products")]


def test_masked_secrets_are_variables(journaled: Mapping[bytes, Request]) -> None:
    command = again(journaled[SECRET])

    assert "long enough" not in command
    secrets = {"TOKEN": "t" * 20, "IDEMPOTENCY_KEY": "k1", "PASSWORD": "long enough"}
    assert sent(command, **secrets)[0] == SECRET


def test_a_variable_is_one_that_a_shell_takes(journaled: Mapping[bytes, Request]) -> None:
    assert sent(again(journaled[HEADER]), _0A_SET_COOKIE="x HTTP/1.1")[0] == HEADER


def test_over_tls_it_is_sent_by_a_program_that_speaks_it() -> None:
    asked = request(url="https://staging.example.com", request_body="GET /x\r\n\r\n", raw_target="/x")

    assert again(asked) == (
        "printf 'GET /x\\r\\n\\r\\n' | openssl s_client -quiet -servername staging.example.com"
        " -connect staging.example.com:443"
    )


@pytest.mark.parametrize("host", ["$(echo sprung)", "x;echo sprung", "'`echo sprung`'"])
def test_a_shell_runs_nothing_of_where_it_was_sent(host: str) -> None:
    asked = request(url=f"http://{host}:80/", request_body="\ud800$(id)", raw_target="/")

    assert sent(again(asked))[0] == b"?$(id)"


def test_what_was_too_long_to_be_kept_is_not_repeated_in_part(journaled: Mapping[bytes, Request]) -> None:
    assert again(journaled[LONG]) == ""
    cut = request(method="POST", url=f"{BASE}/orders", request_body="   … and 996000 bytes more", is_cut=True)
    assert again(cut) == ""

"""Bytes that were sent past every client are sent again as they were, with the masked secrets left to the reader."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.journal.events import Request
from ops.journal.journal import Journal
from ops.journal.record import Record
from ops.report.again import again
from ops.stacks.layout import ROOT
from ops.tests.journals import RUN, event

pytestmark = pytest.mark.whole


BASE = "http://127.0.0.1:1"
SENDING = """
import sys
from pathlib import Path
from features.support.contract import wire
from features.support.exchanges import Exchanges
from ops.api import Journal

exchanges = Exchanges(Journal(Path(sys.argv[1])), "features/gateway/made_up.feature:1", "http://127.0.0.1:1")
try:
    wire.send(exchanges, sys.stdin.buffer.read())
except AssertionError:
    pass
"""
NC = 'nc() { echo "to $*" >&2; cat; }\n'
DOTS = b"GET /users/./me HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n"


def request(**fields: object) -> Request:
    return Request.model_validate({"scenario": "a:1", "request_id": "x", "method": "GET", **fields})


def journaled(payload: bytes, folder: Path) -> Request:
    """The request as the report finds it in the journal."""
    journal = folder / RUN
    Journal(journal).write(event("run-started"))
    subprocess.run([sys.executable, "-c", SENDING, str(journal)], cwd=ROOT, input=payload, check=True)
    return Record.read(journal).scenarios[0].last.requests[0]


def sent(command: str, shell: str = "/bin/sh", **secrets: str) -> tuple[bytes, str]:
    """What the command sends, and where to."""
    environment = {"PATH": os.environ["PATH"], **secrets}
    done = subprocess.run([shell, "-c", NC + command], env=environment, capture_output=True, check=True)
    return done.stdout, done.stderr.decode().strip()


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
@pytest.mark.parametrize(
    "payload",
    [
        DOTS,
        b"CONNECT elsewhere.test:443 HTTP/1.1\r\n\r\n",
        b"-e 100%d \\n 'quoted' \"$HOME\" `id` \0001\xff\xfe \xc3\xa9\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01" + bytes(32) + b"\r\n\r\n",
    ],
)
def test_every_byte_is_sent_again(payload: bytes, shell: str, tmp_path: Path) -> None:
    assert sent(again(journaled(payload, tmp_path)), shell) == (payload, "to 127.0.0.1 1")


@pytest.mark.parametrize(
    ("line", "method", "path"),
    [
        (b"GET /users/./me HTTP/1.1", "GET", "/users/./me"),
        (b"CONNECT elsewhere.test:443 HTTP/1.1", "CONNECT", "elsewhere.test:443"),
        (b"GET products HTTP/9.9", "GET", "products"),
    ],
)
def test_the_page_shows_what_was_asked_for(line: bytes, method: str, path: str, tmp_path: Path) -> None:
    asked = journaled(line + b"\r\n\r\n", tmp_path)

    assert (asked.method, asked.path) == (method, path)


def test_masked_secrets_are_variables(tmp_path: Path) -> None:
    payload = (
        b"POST /users/login HTTP/1.1\r\nAuthorization: Bearer " + b"t" * 20 + b"\r\nIdempotency-Key: k1\r\n\r\n"
        b'{"email": "a@b.test", "password": "long enough"}'
    )

    command = again(journaled(payload, tmp_path))

    assert "long enough" not in command
    secrets = {"TOKEN": "t" * 20, "IDEMPOTENCY_KEY": "k1", "PASSWORD": "long enough"}
    assert sent(command, **secrets)[0] == payload


def test_a_variable_is_one_that_a_shell_takes(tmp_path: Path) -> None:
    payload = b"GET /products/%0d%0aSet-Cookie:x HTTP/1.1\r\n\r\n"

    assert sent(again(journaled(payload, tmp_path)), _0A_SET_COOKIE="x HTTP/1.1")[0] == payload


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


def test_what_was_too_long_to_be_kept_is_not_repeated_in_part(tmp_path: Path) -> None:
    assert again(journaled(b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", tmp_path)) == ""
    cut = request(method="POST", url=f"{BASE}/orders", request_body="   … and 996000 bytes more", is_cut=True)
    assert again(cut) == ""

"""A stack that is known by its address alone."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ops import system
from ops.errors import StackNotReady, WrongUsage
from ops.stacks.remote import RemoteStack


def test_its_name_is_where_it_answers() -> None:
    assert RemoteStack("https://staging.example.com:8443/").name == "staging.example.com:8443"


def test_what_no_url_can_be_is_wrong_usage() -> None:
    with pytest.raises(WrongUsage, match="is no URL: Invalid IPv6"):
        RemoteStack("http://[")


@pytest.mark.parametrize("url", ["staging.example.com", "ftp://x", "http://", ""])
def test_what_is_no_base_url_is_wrong_usage(url: str) -> None:
    with pytest.raises(WrongUsage, match="is no base URL"):
        RemoteStack(url)


def test_a_password_in_it_is_refused_and_not_repeated() -> None:
    with pytest.raises(WrongUsage, match="would take the place of the customers' tokens") as refused:
        RemoteStack("https://ann:sesame@staging.example.com")
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize("rest", ["/shop", "/shop/", "/?a=b", "/#top"])
def test_a_path_is_refused_before_anything_is_asked(rest: str) -> None:
    with pytest.raises(WrongUsage, match="has more than a host"):
        RemoteStack(f"http://staging.example.com{rest}")


class Redirecting(BaseHTTPRequestHandler):
    """As a gateway that sends everybody to https."""

    def do_GET(self) -> None:
        is_other = self.headers["Host"] == "proxied.example.com"
        self.send_response(200 if is_other else 301)
        self.send_header("Location", "https://staging.example.com/healthz")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(
    context: ssl.SSLContext | None = None, handler: type[BaseHTTPRequestHandler] = Redirecting
) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_redirection_is_named_with_the_address_to_give_instead() -> None:
    with serving() as port:
        said = unreached(f"http://127.0.0.1:{port}")
    assert said.endswith(
        "/healthz redirects to https://staging.example.com/healthz: give --base-url https://staging.example.com"
    )


class Apart(BaseHTTPRequestHandler):
    """A gateway that is ready, whose clock is `ahead` seconds ahead; other paths lead to a page for signing in."""

    ahead, age, leads = 0.0, 0, False

    def do_GET(self) -> None:
        is_ready = self.path == "/healthz" or not self.leads
        self.send_response_only(200 if is_ready else 302)
        self.send_header("Date", formatdate(time.time() + self.ahead, usegmt=True))
        self.send_header("Age", str(self.age))
        self.send_header("Location", "/sign-in")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.parametrize(
    ("ahead", "age", "words"),
    [
        (75, 0, r"the clock of .* is 7\d s ahead of this machine's"),
        (-75, 0, r"is 7\d s behind this machine's: set the wrong one right"),
        (-75, 75, ""),
        (20, 0, ""),
    ],
)
def test_a_clock_that_is_not_ours_is_said_as_what_it_is(ahead: float, age: int, words: str) -> None:
    with serving(handler=type("There", (Apart,), {"ahead": ahead, "age": age})) as port:
        there = RemoteStack(f"http://127.0.0.1:{port}")
        with pytest.raises(StackNotReady, match=words) if words else nullcontext():
            there.reach()
        assert there.status().state == "ready"


def test_a_route_that_leads_elsewhere_is_named_before_the_first_scenario() -> None:
    with serving(handler=type("There", (Apart,), {"leads": True})) as port:
        said = unreached(f"http://127.0.0.1:{port}", 2)
    assert said.endswith(f"redirects to http://127.0.0.1:{port}/sign-in: the system has to answer itself")


def test_it_is_asked_past_a_proxy_as_by_every_client(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as port:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        assert unreached("http://nobody.invalid").endswith("no such host")


def test_the_authority_that_the_machine_names_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with serving(context) as port:
        url = f"https://127.0.0.1:{port}"
        assert "certificate verify failed" in unreached(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert " redirects to " in unreached(url)


def authority(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    ).add_extension(address, critical=False)
    signed = certificate.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    file = folder / "authority.pem"
    file.write_bytes(signed + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of somebody who listens and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def unreached(url: str, within: float = 0.2) -> str:
    with pytest.raises(StackNotReady) as refused:
        RemoteStack(url).reach(within)
    return str(refused.value)


def test_why_it_cannot_be_reached_is_said_in_words(mute: str) -> None:
    assert unreached(mute) == f"{mute} cannot be reached: no answer in time"
    assert unreached("http://127.0.0.1:1") == "http://127.0.0.1:1 cannot be reached: connection refused"
    assert unreached("http://nobody.invalid") == "http://nobody.invalid cannot be reached: no such host"


def test_what_there_are_no_words_for_is_said_without_its_wrapping() -> None:
    assert unreached("http://127.0.0.1:99999").endswith(
        "cannot be reached: Failed to parse: http://127.0.0.1:99999/healthz"
    )


class Up(BaseHTTPRequestHandler):
    """A gateway that is ready at /up, and has nothing anywhere else."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/up" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's own name
        pass


@pytest.fixture
def up() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Up) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("ready", "state"), [("ready: /up", "ready"), ("", "ready"), ("ready: /healthz", "down")])
def test_it_is_asked_where_the_system_says(
    up: str, ready: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(f"x-ops: {{ gateway: front }}\nservices: {{ front: {{ ports: [80], x-ops: {{ {ready} }} }} }}\n")
    monkeypatch.setenv(system.FILE, str(file))
    system.current.cache_clear()
    try:
        assert RemoteStack(up).status().state == state
    finally:
        monkeypatch.undo()
        system.current.cache_clear()

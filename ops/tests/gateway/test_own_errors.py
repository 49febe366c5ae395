"""The errors that nginx itself makes: problems as the services' own, whatever broke."""

import pytest

from ops.tests.gateway import wire
from ops.tests.gateway.expectations import assert_problem
from ops.tests.gateway.running import READ_TIMEOUT, Gateway

pytestmark = pytest.mark.whole


LONG = "a" * 17_500
OWN_ERRORS = {
    "a method in small letters": (400, "bad-request", b"get / HTTP/1.1\r\n\r\n"),
    "no request line": (400, "bad-request", b"\x00\x01\x02\r\n\r\n"),
    "no host": (400, "bad-request", b"GET /users HTTP/1.1\r\n\r\n"),
    "two hosts": (400, "bad-request", wire.request("GET", "/users", "Host: other.test")),
    "length and chunks": (
        400,
        "bad-request",
        wire.request("POST", "/users", "Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
    ),
    "a length that is none": (400, "bad-request", wire.request("POST", "/users", "Content-Length: -1")),
    "a zero byte": (400, "bad-request", wire.request("GET", "/users/%00")),
    "a broken escape": (400, "bad-request", wire.request("GET", "/users/%zz")),
    "above the root": (400, "bad-request", wire.request("GET", "/../users")),
    "a large header": (431, "headers-too-large", wire.request("GET", "/users", f"X-Large: {LONG}")),
    "large headers": (
        431,
        "headers-too-large",
        wire.request("GET", "/users", *(f"X-{number}: {LONG[:15_000]}" for number in range(4))),
    ),
    "no such route": (404, "not-found", wire.request("GET", "/nowhere")),
    "no such page": (404, "not-found", wire.request("GET", "/index.html")),
    "no such picture": (404, "not-found", wire.request("GET", "/healthz/x.gif")),
    "TRACE of a page": (405, "method-not-allowed", wire.request("TRACE", "/products/x.html")),
    "TRACE": (405, "method-not-allowed", wire.request("TRACE", "/users")),
    "CONNECT": (405, "method-not-allowed", wire.request("CONNECT", "/users")),
    "CONNECT to an authority": (400, "bad-request", wire.request("CONNECT", "shop.test:443")),
    "a long path": (414, "uri-too-long", wire.request("GET", f"/{LONG}")),
    "an unknown encoding": (501, "not-implemented", wire.request("POST", "/users", "Transfer-Encoding: gzip")),
    "HTTP/9": (505, "http-version-not-supported", b"GET / HTTP/9.9\r\nHost: shop.test\r\n\r\n"),
    "a hang-up": (502, "bad-gateway", wire.request("POST", "/users?hangup=1")),
    "silence": (504, "gateway-timeout", wire.request("GET", f"/users?sleep={2 * READ_TIMEOUT}")),
}


def test_nginxs_own_errors_are_problems(gateway: Gateway) -> None:
    for name, (status, code, raw) in OWN_ERRORS.items():
        answer = gateway.send(raw)
        assert answer.status == status, (name, answer)
        assert_problem(answer, status, code)
        assert answer.all("Retry-After") == (["1"] if status in (502, 504) else []), name
        assert answer.all("Allow") == (["GET, HEAD, POST, PATCH"] if status == 405 else []), name

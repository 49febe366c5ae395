"""One JSON object per request, true and without secrets, whatever was sent."""

import re
from http.client import BadStatusLine

import pytest

from ops.tests.gateway.expectations import unique
from ops.tests.gateway.running import Gateway


def test_the_access_log_tells_each_request(gateway: Gateway) -> None:
    request_id = unique("log")
    gateway.ask("PATCH", "/orders/1?password=secret", f"X-Request-ID: {request_id}", "User-Agent: probe/1", body=b"{}")
    line = gateway.logged(request_id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("ts"))
    assert re.fullmatch(r"127\.0\.0\.1:\d+", line.pop("upstreamAddr"))
    for name in ("durationMs", "upstreamMs"):
        assert 0 <= line.pop(name) < 1000
    assert len(line.pop("traceId")) == 2 * len(line.pop("spanId")) == 32
    assert line == {
        **{"level": "info", "service": "gateway", "event": "request", "requestId": request_id, "status": 200},
        "parentSpanId": "",
        **{"method": "PATCH", "path": "/orders/1", "upstreamStatus": "200"},
        **{"client": "127.0.0.1", "userAgent": "probe/1"},
    }


def test_the_access_log_tells_the_time_taken(gateway: Gateway) -> None:
    request_id = unique("log")
    gateway.ask("GET", "/users/me?sleep=0.05", f"X-Request-ID: {request_id}")
    line = gateway.logged(request_id)
    for name in ("upstreamMs", "durationMs"):
        assert 49 <= line[name] < 300


def test_the_access_log_tells_each_attempt(gateway: Gateway) -> None:
    request_id = unique("log")
    gateway.ask("GET", "/orders?hangup=1", f"X-Request-ID: {request_id}")
    line = gateway.logged(request_id)
    assert line["upstreamStatus"] == "502, 502"
    assert len(line["upstreamAddr"].split(", ")) == 2
    assert isinstance(line["upstreamMs"], int)


def test_the_access_log_tells_what_no_service_saw(gateway: Gateway) -> None:
    request_id = unique("log")
    assert gateway.ask("DELETE", "/nowhere", f"X-Request-ID: {request_id}").status == 404
    line = gateway.logged(request_id)
    assert (line["method"], line["path"], line["status"], line["userAgent"]) == ("DELETE", "/nowhere", 404, "")
    assert (line["upstreamAddr"], line["upstreamStatus"], line["upstreamMs"]) == ("", "", None)
    (broken,) = gateway.ask("GET", "/users/%00").all("X-Request-ID")
    assert gateway.logged(broken)["method"] == "GET"
    (unreadable,) = gateway.send(b"\x00\x01\r\n\r\n").all("X-Request-ID")
    line = gateway.logged(unreadable)
    assert (line["method"], line["path"], line["status"]) == ("", "", 400)


def test_the_access_log_tells_of_an_answer_that_is_no_http(gateway: Gateway) -> None:
    """No status left the gateway; 502 is what it would have been."""
    for service, attempts in (("users", {"no HTTP"}), ("products", {"no HTTP", "502, no HTTP"})):
        for _ in range(4):
            request_id = unique("log")
            with pytest.raises(BadStatusLine):
                gateway.ask("POST", f"/{service}?garbled=1", f"X-Request-ID: {request_id}")
            line = gateway.logged(request_id)
            assert line["status"] == 502
            assert line["upstreamStatus"] in attempts
            assert isinstance(line["upstreamMs"], int)


def test_hostile_bytes_leave_the_log_readable(gateway: Gateway) -> None:
    for hostile in ('"},{"', "\\", "\\u0022", "\x01\x1b[31m", "\xff\xfe", "a\tb"):
        request_id = unique("log")
        gateway.ask("GET", "/users/\xff", f"X-Request-ID: {request_id}", f"User-Agent: {hostile}")
        line = gateway.logged(request_id)
        printable = hostile.isascii() and hostile.isprintable()
        assert line["userAgent"] == (hostile if printable else "(not printable)")
        assert line["path"] == "(not printable)"
    for line in gateway.lines():
        assert line["service"] == "gateway"


def test_secrets_stand_in_no_log(gateway: Gateway) -> None:
    secret = unique("secret")
    headers = [f"Authorization: Bearer {secret}", f"X-Request-ID: bad id {secret}", f"Idempotency-Key: {secret}"]
    (request_id,) = gateway.ask("POST", f"/users?hangup=1&{unique()}", *headers, body=secret.encode()).all(
        "X-Request-ID"
    )
    assert gateway.logged(request_id)["status"] == 502
    assert secret.encode() not in gateway.log("access.log") + gateway.log("error.log")

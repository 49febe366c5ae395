"""What a service sees of a request, and a client of a service's answer."""

import re

import pytest

from ops.tests.gateway import wire
from ops.tests.gateway.expectations import assert_guarded, seen
from ops.tests.gateway.running import Gateway

pytestmark = pytest.mark.whole


def test_forwarding_headers_are_the_gateways_own(gateway: Gateway) -> None:
    claims = (
        *("X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.test", "X-Real-IP: 6.6.6.6"),
        *("X-Forwarded-Port: 666", "Forwarded: for=6.6.6.6", "X_Request_ID: 12345678-evil", "X-Retry-Attempt: 9"),
        *("X-Request-Start: t=1.0", "Proxy: http://evil.test"),
    )
    got = seen(gateway.ask("GET", "/users/me", *claims, source="127.0.0.9"))
    assert got["x-forwarded-for"] == ["127.0.0.9"]
    assert got["x-forwarded-proto"] == ["http"]
    assert got["x-forwarded-host"] == got["host"] == ["shop.test"]
    assert got["x-forwarded-port"] == [str(gateway.port)]
    assert re.fullmatch(r"t=\d{10}\.\d{3}", got["x-request-start"][0]) and len(got["x-request-start"]) == 1
    assert not {"x-real-ip", "forwarded", "x_request_id", "x-retry-attempt", "proxy"} & got.keys()


def test_a_request_without_a_host_has_one_for_the_service(gateway: Gateway) -> None:
    assert seen(gateway.send(b"GET /users HTTP/1.0\r\n\r\n"))["host"] == ["gateproof"]


def test_credentials_pass_as_they_came(gateway: Gateway) -> None:
    got = seen(gateway.ask("GET", "/orders", "Authorization: Bearer a.b.c", "Idempotency-Key: key 1"))
    assert got["authorization"] == ["Bearer a.b.c"]
    assert got["idempotency-key"] == ["key 1"]


def test_two_tokens_never_become_one(gateway: Gateway) -> None:
    answer = gateway.ask("GET", "/orders", "Authorization: Bearer a.b.c", "Authorization: Bearer d.e.f")
    assert answer.status == 400 or len(seen(answer)["authorization"]) == 2, "the service must see that there are two"


def test_a_services_errors_pass_untouched(gateway: Gateway) -> None:
    for status in (400, 401, 403, 404, 405, 413, 422, 429, 500, 502, 503, 504):
        answer = gateway.ask("GET", f"/users/me?status={status}")
        assert answer.status == status
        assert answer.json()["service"] == "users"
        assert answer.all("WWW-Authenticate") == ['Bearer error="invalid_token"']
        assert (answer.all("Retry-After"), answer.all("Allow")) == (["7"], ["GET"])
        assert answer.all("Location") == ["/orders/1"]
        assert_guarded(answer)


def test_connections_to_a_service_are_kept(gateway: Gateway) -> None:
    with wire.connect(gateway.port) as client:
        connections = set()
        for _ in range(5):
            client.sendall(wire.request("GET", "/users/me", close=False))
            connections.add(wire.receive(client).json()["connection"])
    assert len(connections) == 1

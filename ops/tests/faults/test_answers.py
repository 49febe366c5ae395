"""Faults that give the real answer another content or size, and what an attempt carried."""

import json

import pytest

from ops.faults.errors import NotProven, OrderRefused
from ops.faults.link_faults import LinkFaults
from ops.tests.rig import Client

LINK = "orders:products"
CUP = {"id": "espresso-cup", "name": "Espresso cup", "price": {"amount": 1250, "currency": "EUR"}}
ECHO = json.dumps(CUP).encode()


def test_the_real_answer_with_members_replaced_and_left_out(wire: LinkFaults, client: Client) -> None:
    patch = {"id": "another", "name": None, "price": {"amount": -1}}
    with wire.inject("other", LINK, patch=patch) as fault:
        status, headers, body = client.ask("POST", "/", ECHO)

    assert (status, headers["Content-Type"], fault.confirmed()) == (201, "application/json", True)
    assert json.loads(body) == {"id": "another", "price": {"amount": -1, "currency": "EUR"}}


def test_an_answer_that_is_no_json_has_nothing_to_replace(wire: LinkFaults, client: Client) -> None:
    fault = wire.inject("other", LINK, patch={"id": "another"})
    with pytest.raises(NotProven, match="missed once"), fault:
        assert client.ask()[2] == b"from the service"


def test_a_patch_is_an_object(wire: LinkFaults) -> None:
    with pytest.raises(OrderRefused, match="patch must be an object"), wire.inject("other", LINK, patch="id"):
        pass


@pytest.mark.parametrize("path", ["/chunked", "/gzip"])
def test_chunks_and_compression_are_taken_off_first(wire: LinkFaults, client: Client, path: str) -> None:
    with wire.inject("other", LINK, patch={"id": "another"}):
        _, headers, body = client.ask("POST", path, ECHO)
    with wire.inject("oversized", LINK, size=50_000):
        large = client.ask("POST", path, ECHO)[2]

    assert "Content-Encoding" not in headers
    assert json.loads(body) == {**CUP, "id": "another"}
    assert (json.loads(large), len(large)) == (CUP, 50_000)


@pytest.mark.parametrize(("what", "size"), [("body", 1_500_000), ("head", 40_000)])
def test_the_real_answer_grows(wire: LinkFaults, client: Client, what: str, size: int) -> None:
    with wire.inject("oversized", LINK, what=what, size=size) as fault:
        _, headers, body = client.ask("POST", "/", ECHO)

    assert fault.confirmed()
    assert json.loads(body) == CUP
    assert len(body if what == "body" else headers["X-Padding"]) == size


def test_an_attempt_tells_what_it_carried_but_no_secret(wire: LinkFaults, client: Client) -> None:
    client.ask("GET", "/carried", X_Retry_Attempt="2", Authorization="Bearer abc")

    (attempt,) = wire.attempts(LINK, paths="/carried")
    assert (attempt.headers["x-retry-attempt"], attempt.headers["authorization"]) == ("2", "***")

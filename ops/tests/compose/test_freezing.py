"""A container that the engine cannot freeze at once, because a process comes in."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container

from ops.faults.errors import NotProven
from ops.stacks.compose import containers
from ops.tests.compose.engines import engine

pytestmark = pytest.mark.whole


IN_THE_WAY = (HTTPStatus.INTERNAL_SERVER_ERROR, "OCI runtime pause failed: unable to freeze: unknown")
FROZEN = (HTTPStatus.NO_CONTENT, "")
PAUSED_ALREADY = (HTTPStatus.CONFLICT, "Container c is already paused")


def container(client: DockerClient) -> Container:
    return Container({"Id": "c", "Name": "/orders-1"}, client=client)


def test_the_engine_is_asked_again_until_it_is_frozen() -> None:
    with engine(IN_THE_WAY, IN_THE_WAY, FROZEN) as client:
        containers.freeze(container(client))


def test_what_is_still_in_the_way_at_the_end_proves_nothing() -> None:
    not_proven = pytest.raises(NotProven, match=r"orders-1 is not frozen within 0.3 s: .*unable to freeze")
    with engine(IN_THE_WAY) as client, not_proven:
        containers.freeze(container(client), within=0.3)


def test_any_other_refusal_is_an_error_at_once() -> None:
    with engine(PAUSED_ALREADY, FROZEN) as client, pytest.raises(APIError, match="already paused"):
        containers.freeze(container(client))

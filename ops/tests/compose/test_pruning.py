"""Images that a newer build took the name of."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from docker.errors import APIError

from ops.stacks.compose.containers import forget_replaced
from ops.tests.compose.engines import engine

pytestmark = pytest.mark.whole


RUNNING = "a prune operation is already running"


def test_while_the_engine_removes_for_somebody_else_they_stay() -> None:
    with engine((HTTPStatus.CONFLICT, RUNNING)) as client:
        forget_replaced(client, "t")


def test_any_other_refusal_is_an_error() -> None:
    with engine((HTTPStatus.INTERNAL_SERVER_ERROR, RUNNING)) as client, pytest.raises(APIError):
        forget_replaced(client, "t")

"""The kinds of stacks that this checkout can bring up."""

from __future__ import annotations

from collections.abc import Mapping

from ops.stacks import local
from ops.stacks.layout import Layout
from ops.stacks.local.stack import LocalStack
from ops.stacks.model import OwnStack
from ops.stacks.state import State

COMPOSE = "compose"
KINDS = (local.KIND, COMPOSE)


def stack(kind: str, place: Layout, environment: Mapping[str, str]) -> OwnStack:
    """The stack of that kind in that place, which need not be up."""
    if kind == local.KIND:
        return LocalStack(place, environment)
    from ops.stacks.compose.stack import ComposeStack  # the SDK takes its time, and local stacks do not need it

    return ComposeStack(place, environment)


def found(place: Layout, environment: Mapping[str, str]) -> OwnStack:
    """The stack of the kind that was brought up there."""
    state = State.read(place.state)
    return stack(state.stack if state else local.KIND, place, environment)

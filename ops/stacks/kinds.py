"""The kinds of stacks that this checkout can bring up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.errors import StackNotReady, WrongUsage
from ops.stacks import local
from ops.stacks.compose import by_hand
from ops.stacks.layout import Layout
from ops.stacks.local.stack import LocalStack
from ops.stacks.model import Stack
from ops.stacks.state import State
from ops.system import System, current, read

COMPOSE, SWARM = "compose", "swarm"
KINDS = (local.KIND, COMPOSE, SWARM)


def stack(kind: str, place: Layout, environment: Mapping[str, str], system: System | None = None) -> Stack:
    """The stack of that kind in that place, which need not be up. Raises StackNotReady for a kind that is not known."""
    if kind == local.KIND:
        return LocalStack(place, environment, system)
    if kind == COMPOSE:
        from ops.stacks.compose.stack import ComposeStack  # the SDK takes its time, and local stacks do not need it

        return ComposeStack(place, environment, system)
    if kind == SWARM:
        from ops.stacks.swarm.stack import SwarmStack  # as above

        return SwarmStack(place, environment, system)
    raise StackNotReady(f"{place.name} is a stack of the kind {kind!r}, which is none of {', '.join(KINDS)}")


def found(place: Layout, environment: Mapping[str, str]) -> Stack:
    """The stack of the kind that was brought up there, with the database that it has."""
    state = State.read(place.state)
    return stack(state.stack, place, environment, _system_of(state)) if state else stack(local.KIND, place, environment)


def _system_of(state: State) -> System:
    own = current()
    try:
        return own if state.database == own.database else read(own.file, state.database)
    except WrongUsage:  # the Compose file has it no more
        return own


def adopted(environment: Mapping[str, str], home: Path) -> Sequence[Stack]:
    """Those that `docker compose up` started from this checkout, each with its project's name.

    Raises StackNotReady where the engine does not say.
    """
    return by_hand.find(environment, home)

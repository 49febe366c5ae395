"""Finds and removes what killed runs left behind: stacks that were to end with their run, and whose run is gone."""

from __future__ import annotations

from collections.abc import Mapping

from ops.errors import StackNotReady, WrongUsage
from ops.stacks import kinds, layout
from ops.stacks.layout import Layout
from ops.stacks.model import OwnStack


def sweep(environment: Mapping[str, str]) -> list[str]:
    """Remove every abandoned stack; the names of those removed. Without an engine a Compose stack has to wait."""
    stacks = [kinds.found(Layout(name), environment) for name in layout.names() if layout.NAME.fullmatch(name)]
    return [stack.name for stack in stacks if _is_abandoned(stack) and _remove(stack)]


def _is_abandoned(stack: OwnStack) -> bool:
    if stack.layout.is_held():
        return False
    state = stack.state
    return state.ephemeral if state else not _has_data(stack.layout)


def _has_data(place: Layout) -> bool:
    return place.data.exists() and any(place.data.iterdir())


def _remove(stack: OwnStack) -> bool:
    try:
        with stack.layout.held():
            stack.down()
    except (WrongUsage, StackNotReady):
        return False
    return True

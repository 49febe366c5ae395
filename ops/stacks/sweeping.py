"""Finds and removes what killed runs left behind: stacks that were to end with their run, and whose run is gone."""

from __future__ import annotations

from collections.abc import Mapping

from ops.errors import StackNotReady, WrongUsage
from ops.stacks import kinds, layout
from ops.stacks.layout import Layout
from ops.stacks.model import Stack


def sweep(environment: Mapping[str, str]) -> list[str]:
    """Remove every abandoned stack; the names of those removed. Without an engine a Compose stack has to wait."""
    stacks = [kinds.found(Layout(name), environment) for name in layout.names() if layout.NAME.fullmatch(name)]
    return [stack.name for stack in stacks if _is_removed(stack, environment)]


def _is_removed(stack: Stack, environment: Mapping[str, str]) -> bool:
    """Judged only while we hold it: its owner may just be about to bring it up."""
    try:
        stack.layout.require_ours()
        with stack.layout.held(patience=0):
            if abandoned := _is_abandoned(stack, environment):
                stack.down()
            return abandoned
    except (WrongUsage, StackNotReady):
        return False


def _is_abandoned(stack: Stack, environment: Mapping[str, str]) -> bool:
    """Raises StackNotReady where it may belong to a stack that Compose started, and the engine does not say."""
    if state := stack.state:
        return state.ephemeral and not state.kept
    by_hand = kinds.adopted(environment, stack.layout.home)
    return not _has_data(stack.layout) and stack.name not in [other.name for other in by_hand]


def _has_data(place: Layout) -> bool:
    return place.data.exists() and any(place.data.iterdir())

"""Putting links through the fault proxy restarts services: nothing that is broken may be restored by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest

from ops.errors import WrongUsage
from ops.stacks import linkfaults
from ops.stacks.model import OwnStack
from ops.stacks.parts import Part, Sight, SightState
from ops.stacks.state import Member, State
from ops.system import Link
from ops.tests.shop import GATEWAY

LINK = Link("orders", "products")


@dataclass
class Parts:
    state: SightState

    def all(self) -> Sequence[Part]:
        return [Part("orders")]

    def see(self, part: Part) -> Sight:
        return Sight(self.state)


@dataclass
class Wires:
    state: SightState

    def all(self) -> Sequence[Link]:
        return [LINK]

    def see(self, link: Link) -> Sight:
        return Sight(self.state)


@dataclass
class Stack:
    parts: Parts
    wires: Wires
    name: str = "t"
    state: State = field(default_factory=lambda: State(url="", members=[Member(name=GATEWAY, port=1)]))
    relinked: bool = False

    def relink(self, links: Sequence[Link]) -> None:
        self.relinked = True
        self.state.control = 1


@pytest.mark.parametrize(
    ("service", "link", "why"),
    [
        ("stopped", "running", "orders is stopped, and"),
        ("running", "cut", "orders:products is cut, and"),
        ("paused", "cut", "orders is paused, orders:products is cut, and"),
    ],
)
def test_nothing_that_is_broken_is_restored(service: SightState, link: SightState, why: str) -> None:
    stack = Stack(Parts(service), Wires(link))
    with pytest.raises(WrongUsage, match=why):
        linkfaults.provide(cast(OwnStack, stack), LINK)
    assert not stack.relinked


def test_a_whole_stack_gets_a_proxy() -> None:
    stack = Stack(Parts("running"), Wires("running"))
    linkfaults.provide(cast(OwnStack, stack), LINK)
    assert stack.relinked

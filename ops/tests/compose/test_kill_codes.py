"""A killed container is proven by the code it ended with; no engine is asked."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from ops.faults.errors import NotProven
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.labels import NUMBER, SERVICE
from ops.stacks.compose.parts import ComposeParts
from ops.stacks.compose.project import Project
from ops.stacks.compose.proxies import Proxies
from ops.stacks.parts import Part

pytestmark = pytest.mark.whole


@dataclass
class Container:
    code: int
    signals: list[str] = field(default_factory=list)

    @property
    def labels(self) -> dict[str, str]:
        return {SERVICE: "orders", NUMBER: "1"}

    def kill(self) -> None:
        self.signals.append("KILL")

    def wait(self) -> dict[str, Any]:
        return {"StatusCode": self.code}


@dataclass
class Found:
    container: Container

    def of(self, name: str) -> list[Container]:
        return [self.container] if name == "orders" else []


class NoProxies:
    def keeping(self, caller: object) -> AbstractContextManager[None]:
        """No fault is to be kept."""
        return nullcontext()


def parts(container: Container) -> ComposeParts:
    return ComposeParts(cast(Containers, Found(container)), cast(Project, None), cast(Proxies, NoProxies()))


def test_what_sigkill_ended_was_killed() -> None:
    container = Container(137)
    parts(container).kill(Part("orders"))
    assert container.signals == ["KILL"]


@pytest.mark.parametrize("code", [0, 1, 143])
def test_what_ended_by_itself_meanwhile_was_not_killed(code: int) -> None:
    with pytest.raises(NotProven, match=f"orders was killed, but it ended with {code}, not with 137"):
        parts(Container(code)).kill(Part("orders"))

"""Service faults of a Compose stack."""

from __future__ import annotations

import pytest

from ops.errors import StackNotReady
from ops.faults.service_faults import ServiceFault
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.parts import Part

pytestmark = pytest.mark.whole


ORDERS = Part("orders")


def url(stack: ComposeStack) -> str:
    assert stack.state
    return stack.state.url


@pytest.mark.parametrize(
    ("kind", "meanwhile", "renewed"),
    [
        ("stopped", "stopped", (True, False)),
        ("killed", "stopped", (True, False)),
        ("paused", "paused", (False, False)),
        ("restarted", "running", (True, False)),
        ("recreated", "running", (True, True)),
    ],
)
def test_a_fault_is_seen_and_undone(stack: ComposeStack, kind: str, meanwhile: str, renewed: tuple[bool, bool]) -> None:
    before = stack.parts.see(ORDERS)
    with ServiceFault(stack.parts, ORDERS, kind, url(stack)) as broken:
        assert stack.parts.see(ORDERS).state == meanwhile
    after = stack.parts.see(broken.part)
    assert (after.run != before.run, after.body != before.body) == renewed
    assert broken.evidence()["state"] == "confirmed"
    assert broken.recovery_ms


def test_what_a_service_uses_is_told_while_it_runs(stack: ComposeStack) -> None:
    used = stack.parts.usage(ORDERS)
    assert (used.memory > 20 * 1024 * 1024, used.threads > 1) == (True, True)
    with ServiceFault(stack.parts, ORDERS, "paused", url(stack)), pytest.raises(StackNotReady, match="what it uses"):
        stack.parts.usage(ORDERS)

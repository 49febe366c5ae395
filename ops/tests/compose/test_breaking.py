"""Service faults and links of a Compose stack."""

from __future__ import annotations

import pytest
import requests

from ops.errors import StackNotReady
from ops.faults.wire import WireFaults
from ops.stacks.breaking import Broken
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.parts import Part
from ops.system import HOST, Link
from ops.tests.compose.conftest import LINK

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
    with Broken(stack.parts, ORDERS, kind, url(stack)) as broken:
        assert stack.parts.see(ORDERS).state == meanwhile
    after = stack.parts.see(broken.part)
    assert (after.run != before.run, after.body != before.body) == renewed
    assert broken.evidence()["state"] == "confirmed"
    assert broken.recovery_ms


def test_the_gateways_link_goes_through_the_proxy_and_no_longer(stack: ComposeStack) -> None:
    link = Link("gateway", "products")
    with stack.layout.held():
        stack.relink([LINK, link])
        assert stack.state
        with WireFaults(f"http://{HOST}:{stack.state.control}").status(str(link), 503):
            assert requests.get(f"{url(stack)}/products", timeout=5).status_code == 503
        stack.relink([])
    assert stack.containers.of("faults") == []
    assert (stack.status().state, requests.get(f"{url(stack)}/products", timeout=5).status_code) == ("ready", 200)


def test_links_that_were_left_half_changed_are_changed_whole(stack: ComposeStack) -> None:
    with stack.layout.held():
        stack.relink([LINK])
        changed = stack.state
        stack.relink([])
        assert changed
        changed.model_copy(update={"unfinished": True}).save(stack.layout.state)
        assert stack.status().state == "degraded"
        stack.relink([LINK])
    assert stack.status().state == "ready"
    assert any(one.startswith("PRODUCTS_URL=http://orders-products:") for one in environment(stack, "orders"))
    assert stack.state
    assert not stack.state.unfinished


def environment(stack: ComposeStack, service: str) -> list[str]:
    return list(stack.containers.of(service)[0].attrs["Config"]["Env"])


def test_what_a_service_uses_is_told_while_it_runs(stack: ComposeStack) -> None:
    used = stack.parts.usage(ORDERS)
    assert (used.memory > 20 * 1024 * 1024, used.threads > 1) == (True, True)
    with Broken(stack.parts, ORDERS, "paused", url(stack)), pytest.raises(StackNotReady, match="what it uses"):
        stack.parts.usage(ORDERS)

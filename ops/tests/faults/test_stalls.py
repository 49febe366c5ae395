"""A fault proxy that stood still knows it: what happened then is no failure of the stack."""

from __future__ import annotations

import signal
import time
from types import SimpleNamespace as Some
from typing import Any

import pytest

from ops.api.recording import Recording
from ops.faults import on_links
from ops.faults.proxy.control_client import ControlClient
from ops.faults.proxy.stalls import LONGEST, Stalls
from ops.journal.record import Record
from ops.journal.runs import Run
from ops.journal.scenario import Scenario
from ops.stacks.layout import ROOT
from ops.tests.journals import MadeUpRun
from ops.tests.rig import KNOWN, Proxy, proxy, service

pytestmark = pytest.mark.whole


def test_a_beat_that_is_late_is_a_stall_for_as_long_as_it_is_asked_for() -> None:
    times = [100.0]
    stalls = Stalls(lambda: times[-1])
    for now in (100.0, 100.1, 100.2, 104.2, 104.3):
        times.append(now)
        stalls.beat()
    assert stalls.within(1) == [pytest.approx(4.0)]
    times.append(104.3 + LONGEST / 2)
    assert stalls.within(0.2) == []
    times.append(times[-1] + LONGEST + 0.1)
    assert stalls.within(0.2) == [pytest.approx(LONGEST + 0.1)]


def of(between: Proxy) -> Any:
    return Some(link_control=ControlClient(f"http://{between.control}", KNOWN))


def test_a_proxy_that_was_stopped_says_so_once_it_goes_on() -> None:
    with service() as orders, proxy(gateway_orders=orders.address) as between:
        between.process.send_signal(signal.SIGSTOP)
        time.sleep(LONGEST + 0.3)
        between.process.send_signal(signal.SIGCONT)
        assert "the fault proxy stood still for " in on_links.trouble(of(between), 60)
        assert on_links.trouble(of(between), 0.001) == ""
        between.end()
        assert "does not answer" in on_links.trouble(of(between), 60)


def test_a_stack_without_one_has_no_such_trouble() -> None:
    nothing: Any = Some(link_control=None)
    assert on_links.trouble(nothing, 60) == ""


def step(status: str) -> Any:
    plain = {"exception": None, "hook_failed": False, "table": None, "text": None, "duration": 0.0, "line": 2}
    return Some(keyword="When", name="they fly", status=Some(name=status), **plain)


def ended(run: MadeUpRun, trouble: str, *steps: Any, status: str = "failed") -> Scenario:
    """What the journal tells of a scenario that ended so, meanwhile that was wrong with the harness."""
    feature = Some(name="made up", description=[])
    told: Any = Some(filename=str(ROOT / "features/a.feature"), line=1, keyword="Scenario", name="made up", parent=None)
    vars(told).update(feature=feature, effective_tags=[], all_steps=steps, status=Some(name=status))
    vars(told).update(skip_reason=None, hook_failed=False)
    Recording(Run.open(run.directory), told, lambda seconds: trouble).finished()
    return Record.read(run.journal.path).scenarios[0]


@pytest.mark.parametrize(
    ("trouble", "steps", "status", "reason"),
    [
        ("the proxy stood still", (step("failed"),), "not-proven", "harness: the proxy stood still"),
        ("", (step("undefined"),), "not-proven", "harness: no step is defined as: When they fly"),
        ("", (step("failed"),), "failed", "failed: When they fly"),
        ("", (step("failed"), step("undefined")), "failed", "failed: When they fly"),
    ],
)
def test_what_failed_meanwhile_proves_nothing(
    run: MadeUpRun, trouble: str, steps: tuple[Any, ...], status: str, reason: str
) -> None:
    run.begin()
    scenario = ended(run, trouble, *steps)
    assert (scenario.status, scenario.reason, scenario.is_harness) == (status, reason, status == "not-proven")


def test_what_held_all_the_same_held(run: MadeUpRun) -> None:
    run.begin()
    assert ended(run, "the proxy stood still", step("passed"), status="passed").status == "passed"

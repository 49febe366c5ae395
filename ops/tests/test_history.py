"""Histories made by hand: each promise that can be broken is, and the checker names it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from ops.evidence.journal import Event
from ops.history.answers import Answer, judge
from ops.history.checking import Finding, Wrong, check, in_words
from ops.history.operations import Operation, operations
from ops.history.orders import Offer, Order, read_back
from ops.history.recording import History

CUP = {"espresso-cup": Offer("espresso-cup", "Espresso cup", 1250)}


def acknowledged(*orders: str, name: str = "ann-1", customer: str = "ann", keyed: bool = False) -> Operation:
    return Operation(name, customer, "espresso-cup", keyed, orders or ("o1",), last="ok")


def unknown(name: str = "ann-9", *, keyed: bool = False) -> Operation:
    return Operation(name, "ann", "espresso-cup", keyed, unknowns=1)


def failed(name: str = "ann-8") -> Operation:
    return Operation(name, "ann", "espresso-cup", last="failed")


def read(*ids: str, customer: str = "ann") -> list[Order]:
    return [Order(each, customer, "espresso-cup") for each in ids]


def wrongs(finding: Finding) -> list[Wrong]:
    return [violation.wrong for violation in finding.violations]


@pytest.mark.parametrize(
    ("done", "there", "expected"),
    [
        ([acknowledged()], read("o1"), []),
        ([acknowledged()], [], [Wrong.LOST]),
        ([acknowledged()], read("o1", customer="bea"), [Wrong.LOST, Wrong.STRAY]),
        ([acknowledged()], read("o2"), [Wrong.LOST, Wrong.STRAY]),
        ([acknowledged(), acknowledged(name="ann-2")], read("o1"), [Wrong.LOST]),
        ([acknowledged()], read("o1", "o2"), [Wrong.DOUBLED]),
        ([acknowledged()], read("o1", "o1"), [Wrong.DOUBLED]),
        ([acknowledged("o1", "o2", keyed=True)], read("o1", "o2"), [Wrong.DOUBLED]),
        ([unknown()], [], []),
        ([unknown()], read("o1"), []),
        ([unknown()], read("o1", "o2"), [Wrong.DOUBLED]),
        ([unknown(), unknown("ann-2")], read("o1", "o2"), []),
        ([acknowledged(), unknown()], read("o1", "o2"), []),
        ([acknowledged(), unknown()], read("o1", "o2", "o3"), [Wrong.DOUBLED]),
        ([failed()], [], []),
        ([failed()], read("o1"), [Wrong.STRAY]),
        ([], read("o1"), [Wrong.STRAY]),
        ([acknowledged()], [Order("o1", "ann", "espresso-cup", ("it has no price",))], [Wrong.DAMAGED]),
        ([unknown(keyed=True)], read("o1"), [Wrong.UNSETTLED]),
    ],
)
def test_each_broken_promise_is_named(done: list[Operation], there: list[Order], expected: list[Wrong]) -> None:
    assert wrongs(check(done, there)) == expected


def test_what_is_open_may_stay_so_until_the_end() -> None:
    assert wrongs(check([unknown(keyed=True)], [], over=False)) == []


def test_a_refusal_after_an_acknowledgement_is_no_end() -> None:
    refused = Operation("ann-1", "ann", "espresso-cup", True, ("o1",), last="failed", why="422 x")
    assert wrongs(check([refused], read("o1"))) == [Wrong.UNSETTLED]


def test_the_figures() -> None:
    done = [acknowledged(), unknown(), unknown("ann-3"), failed()]
    finding = check(done, read("o1", "o2"))
    assert (finding.acknowledged, finding.unknown, finding.found, finding.failed) == (1, 2, 1, 1)


def test_a_violation_names_operation_and_order() -> None:
    (violation,) = check([acknowledged()], []).violations
    assert str(violation) == "lost: order o1 of espresso-cup by ann, operation ann-1"


def test_a_violation_leads_to_its_request_or_to_all_of_them() -> None:
    sent = {"operation": "ann-1", "ts": "2026-11-22T23:05:01.234Z"}
    events: list[Event] = [{"event": "invoked", "customer": "ann", "product": "espresso-cup", "keyed": True, **sent}]
    events += [{"event": "ok", "order": "o1", **sent}]
    (once,) = check(operations(events), []).violations
    assert str(once).endswith("operation ann-1 (acknowledged at 23:05:01.234)")
    assert once.lead("20261122-230501-k3f") == "ann-1.1-20261122-230501-k3f"
    (repeated,) = check(operations([*events, {"event": "unknown", **sent}]), [], over=False).violations
    assert repeated.lead("20261122-230501-k3f") == "ann-1.*-20261122-230501-k3f"


def test_of_many_violations_the_rest_is_counted() -> None:
    done = [acknowledged(f"o{n}", name=f"ann-{n}") for n in range(12)]
    told = list(in_words(check(done, []).violations, "20261122-230501-k3f"))
    assert told[1] == "    python3 -m ops trace ann-0.1-20261122-230501-k3f"
    assert (len(told), told[-1]) == (21, "… and 2 more")


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (404, "product-not-found", "failed"),
        (422, "validation-failed", "failed"),
        (409, "request-in-progress", "unknown"),
        (503, "users-unavailable", "failed"),
        (502, "products-failed", "failed"),
        (504, "users-timeout", "failed"),
        (503, "unavailable", "unknown"),
        (502, "bad-gateway", "unknown"),
        (504, "gateway-timeout", "unknown"),
        (500, "internal-error", "unknown"),
    ],
)
def test_what_an_answer_says_for_sure(status: int, code: str, verdict: str) -> None:
    answer = judge(status, json.dumps({"type": f"urn:problem:{code}"}).encode())
    assert answer == Answer(verdict, f"{status} {code}")  # type: ignore[arg-type]  # a parameter's literal


def test_only_an_order_is_an_acknowledgement() -> None:
    assert judge(201, b'{"id": "o1"}') == Answer("ok", order="o1")
    assert judge(201, b"{").verdict == "unknown"
    assert judge(200, b'{"id": "o1"}').verdict == "unknown"


def whole() -> dict[str, Any]:
    product = {"name": "Espresso cup", "price": {"amount": 1250, "currency": "EUR"}}
    return {
        "id": "o1",
        "productId": "espresso-cup",
        "userId": "u1",
        "createdAt": "2026-11-23T00:00:00.000Z",
        "product": product,
    }


def test_a_whole_order_has_no_faults() -> None:
    assert read_back("ann", "u1", whole(), CUP) == Order("o1", "ann", "espresso-cup")


@pytest.mark.parametrize(
    ("member", "value"),
    [("id", None), ("userId", "u2"), ("createdAt", None), ("createdAt", "now"), ("productId", "tea"), ("product", {})],
)
def test_an_order_with_a_wrong_member_is_damaged(member: str, value: object) -> None:
    assert read_back("ann", "u1", {**whole(), member: value}, CUP).faults


def test_a_history_is_on_disk_as_it_happens(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")
    first = history.invoked("ann", "espresso-cup", keyed=True)
    second = history.invoked("bea", "espresso-cup", keyed=False)
    history.answered(first, Answer("unknown", "ReadTimeoutError"), sent=1.0)
    history.answered(first, Answer("ok", order="o1"), sent=2.0)
    with (tmp_path / "history.jsonl").open("a") as file:
        file.write('{"half')
    one, other = History(tmp_path / "history.jsonl").operations()
    assert (one.id, one.verdict, one.acknowledged, one.unknowns, one.settled) == (first, "ok", ("o1",), 1, True)
    assert (other.id, other.verdict, other.customer, other.keyed) == (second, "unknown", "bea", False)


def test_a_failure_after_an_unknown_leaves_it_open() -> None:
    invoked: Event = {"event": "invoked", "operation": "1", "customer": "ann", "product": "x", "keyed": True}
    events: list[Event] = [
        invoked,
        {"event": "unknown", "operation": "1"},
        {"event": "failed", "operation": "1", "why": "401"},
    ]
    (operation,) = operations(events)
    assert (operation.verdict, operation.settled) == ("unknown", False)


def test_recovery_is_the_first_acknowledgement_of_what_was_sent_since(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")
    operation = history.invoked("ann", "espresso-cup", keyed=False)
    before = time.monotonic()
    first = history.first()
    history.answered(operation, Answer("ok", order="o1"), sent=before)
    assert first.seconds(within=0.01) is None
    history.answered(operation, Answer("unknown"), sent=time.monotonic())
    assert first.seconds(within=0.01) is None
    history.answered(operation, Answer("ok", order="o2"), sent=time.monotonic())
    came = first.seconds(within=0)
    time.sleep(0.01)
    history.answered(operation, Answer("ok", order="o3"), sent=time.monotonic())
    assert came is not None
    assert first.seconds(within=0) == came

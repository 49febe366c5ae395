"""Where a request's ID leads to: a command that works, or words where there can be none."""

from __future__ import annotations

import pytest

from ops.tests.journals import event, record
from ops.trace.trace_link import TraceLink

RUN = "20261122-230501-k3f"
OWN = f"orders.place_order.L12.3-{RUN}"


@pytest.mark.parametrize(
    ("request_id", "arguments"),
    [
        (OWN, OWN),
        ("short-1", f"--run {RUN} short-1"),
        (f"{OWN}.rush", f"--run {RUN} {OWN}.rush"),
        ("orders.place_order.L12.3-20261122-230501-zzz", f"--run {RUN} orders.place_order.L12.3-20261122-230501-zzz"),
        ("it's; rm", f"--run {RUN} 'it'\"'\"'s; rm'"),
        ("--name", f"--run {RUN} -- --name"),
    ],
)
def test_the_command_names_the_run_where_the_id_does_not(request_id: str, arguments: str) -> None:
    assert TraceLink(RUN).words(request_id) == f"python3 -m ops trace {arguments}"


def test_of_a_stack_at_a_url_no_command_is_offered_and_the_reason_said() -> None:
    trace_link = record(event("run-started", stack="url")).trace_link
    assert trace_link.command(OWN) == ""
    assert trace_link.words(OWN) == f"request {OWN}; the logs of a stack at a URL cannot be read from here"


def test_stacks_of_ours_can_be_read() -> None:
    assert record(event("run-started", stack="compose")).trace_link.command(OWN)

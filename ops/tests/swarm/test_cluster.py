"""When a service counts as deployed, by what Swarm says of it; no engine."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from ops.errors import StackNotReady
from ops.stacks.compose.containers import moment
from ops.stacks.compose.labels import SERVICE, TASK
from ops.stacks.state import Member, State
from ops.stacks.swarm.cluster import TASK_ID, Cluster, is_settled

NEW = {"ContainerSpec": {"Image": "desk:1", "Command": ["new"]}}
OLD = {"ContainerSpec": {"Image": "desk:1", "Command": ["old"]}}


def settled(*tasks: tuple[str, dict[str, Any]], update: str = "", mode: str = "Replicated", completed: int = 0) -> bool:
    """Of a service of two replicas, whose tasks are in those states and as specified."""
    service = {
        "Spec": {"TaskTemplate": {**NEW, "Runtime": "container"}, "Mode": {mode: {}}},
        "ServiceStatus": {"DesiredTasks": 2, "CompletedTasks": completed},
        **({"UpdateStatus": {"State": update, "Message": "task 7 failed"}} if update else {}),
    }
    return is_settled("desk", service, [{"Status": {"State": state}, "Spec": spec} for state, spec in tasks])


def test_it_is_once_all_replicas_run_as_deployed_last() -> None:
    assert settled(("running", NEW), ("running", NEW))
    assert settled(("running", NEW), ("running", NEW), update="completed")
    assert not settled(("running", NEW), ("starting", NEW))
    assert not settled(("running", NEW), ("running", NEW), update="updating")
    assert not settled()


def test_another_command_on_the_same_image_is_another_version() -> None:
    assert not settled(("running", OLD), ("running", OLD))
    assert not settled(("running", NEW), ("running", OLD))


def test_a_job_is_once_it_has_done_its_work() -> None:
    assert not settled(mode="ReplicatedJob")
    assert settled(mode="ReplicatedJob", completed=1)


def test_it_went_back_once_swarm_is_done_with_that() -> None:
    assert not settled(("running", NEW), ("running", NEW), update="rollback_started")
    with pytest.raises(StackNotReady, match="^desk does not get ready and is as it was before: task 7 failed$"):
        settled(update="rollback_completed")
    with pytest.raises(StackNotReady, match="^desk does not get ready and neither does the version before: task 7"):
        settled(update="rollback_paused")


def test_each_replica_has_a_process_and_a_time_of_its_own() -> None:
    seen = {"one": "2026-11-30T17:00:02.500000000Z", "two": "2026-11-30T17:00:07Z"}
    client: Any = SimpleNamespace(api=SimpleNamespace(inspect_task=lambda task: {"Status": {"Timestamp": seen[task]}}))
    state = State(stack="swarm", url="", members=[Member(name="desk", replica=one, port=0) for one in (1, 2, 3)])
    found = [container(1, 71, "one"), container(2, 72, "two")]
    Cluster(client, "t").note_ready(found, state)
    assert [(one.pid, one.ready_ms) for one in state.members] == [(71, 2500), (72, 7000), (None, None)]


def container(slot: int, pid: int, task: str) -> SimpleNamespace:
    labels = {SERVICE: "desk", TASK: f"t_desk.{slot}.{task}", TASK_ID: task}
    return SimpleNamespace(labels=labels, attrs={"State": {"Pid": pid, "StartedAt": "2026-11-30T17:00:00Z"}})


def test_a_time_as_go_writes_it() -> None:
    assert moment("2026-11-30T17:14:01.123456789Z") == datetime(2026, 11, 30, 17, 14, 1, 123456, UTC)
    assert moment("2026-11-30T17:14:01Z") == datetime(2026, 11, 30, 17, 14, 1, 0, UTC)

"""A stack's services as Swarm has them: how many tasks run, what they wait for, how many there should be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from docker import DockerClient

from ops.errors import StackNotReady
from ops.eventually import eventually
from ops.stacks.compose.containers import moment, part
from ops.stacks.model import ServiceStatus
from ops.stacks.state import State

TASK_ID = "com.docker.swarm.task.id"
INIT = "docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1"
WITHIN = 120.0
"""Seconds that the services of one step have to get ready: an image may have to be pulled, a new version tried."""
EVERY = 0.2
ATTEMPTS = 3
"""Ends of one service after which it is not waited for any longer."""
OVER = ("failed", "rejected")
UNDER_WAY = ("updating", "rollback_started")
GONE_BACK = {"rollback_completed": "is as it was before", "rollback_paused": "neither does the version before"}


class Cluster:
    """The services of the stack `name`, seen from a manager of the Swarm."""

    def __init__(self, client: DockerClient, name: str) -> None:
        self._client = client
        self._name = name

    def require(self, services: Mapping[str, Any]) -> None:
        """Raises StackNotReady, with the line to type, where there is no Swarm, or no node for a service."""
        if not self._client.info()["Swarm"].get("ControlAvailable"):
            raise StackNotReady(f"this engine is no manager of a Swarm: {INIT}")
        for name, one in services.items():
            for constraint in one.get("deploy", {}).get("placement", {}).get("constraints") or ():
                self._require_label(name, *map(str.strip, constraint.partition("==")[::2]))

    def _require_label(self, service: str, label: str, value: str) -> None:
        key = label.removeprefix("node.labels.")
        nodes = self._client.nodes.list() if key != label else []
        if nodes and not any(node.attrs["Spec"].get("Labels", {}).get(key) == value for node in nodes):
            host = nodes[0].attrs["Description"]["Hostname"]
            line = f"docker node update --label-add {key}={value} {host}"
            raise StackNotReady(f"no node is labelled for {service}, whose data stays on one: {line}")

    def await_settled(self, names: Collection[str], say: Callable[[str], None]) -> None:
        """Return when each runs as it was deployed last, or has done its work. Raises StackNotReady."""
        before = {name: len(self._ends(name)) for name in names}
        waiting = list(names)

        def are_settled() -> bool:
            waiting[:] = [name for name in waiting if not self._is_settled(name)]
            for name in waiting:
                if len(self._ends(name)) - before[name] >= ATTEMPTS:
                    raise StackNotReady(f"{name} does not stay up: {self._trouble(name)}")
            say(f"waiting for {', '.join(waiting)}")
            return not waiting

        if not eventually(are_settled, WITHIN, EVERY):
            why = "; ".join(f"{name}: {self._trouble(name)}" for name in waiting)
            raise StackNotReady(f"not ready within {WITHIN:.0f} s: {why}")

    def scale(self, name: str, replicas: int) -> None:
        """So many tasks of it from now on; not awaited."""
        self._service(name).scale(replicas)

    def replicas(self, name: str) -> int:
        """How many tasks of it there are to be; 1 where each node has one."""
        mode = self._service(name).attrs["Spec"]["Mode"]
        return int(mode["Replicated"].get("Replicas", 1)) if "Replicated" in mode else 1

    def elsewhere(self, name: str) -> list[ServiceStatus]:
        """Its tasks that run on other nodes; none of a service that is not deployed yet."""
        own, service = self._client.info()["Swarm"]["NodeID"], self._found(name)
        tasks = service.tasks({"desired-state": "running"}) if service else ()
        return [self._seen(name, task) for task in tasks if task.get("NodeID", own) != own and _runs(task)]

    def _seen(self, name: str, task: Mapping[str, Any]) -> ServiceStatus:
        host = self._client.nodes.get(task["NodeID"]).attrs["Description"]["Hostname"]
        address = next((one["Addresses"][0].partition("/")[0] for one in task["NetworksAttachments"]), None)
        return ServiceStatus(name, task.get("Slot", 1), "running", container=f"on node {host}", address=address)

    def note_ready(self, found: Sequence[Any], state: State) -> None:
        """Of each of these containers, its process and the milliseconds from its start until Swarm saw it ready."""
        there = {part(container): container for container in found}
        for member in state.members:
            if container := there.get(member.part):
                member.pid = container.attrs["State"]["Pid"]
                member.ready_ms = self._ready_ms(container)

    def _ready_ms(self, container: Any) -> int:
        task = self._client.api.inspect_task(container.labels[TASK_ID])
        began, seen = container.attrs["State"]["StartedAt"], task["Status"]["Timestamp"]
        return round((moment(seen) - moment(began)).total_seconds() * 1000)

    def _is_settled(self, name: str) -> bool:
        """Raises StackNotReady for one that went back to what it was."""
        service = self._service(name)
        return is_settled(name, service.attrs, service.tasks({"desired-state": "running"}))

    def _ends(self, name: str) -> list[Mapping[str, Any]]:
        return [task for task in self._service(name).tasks() if task["Status"]["State"] in OVER]

    def _trouble(self, name: str) -> str:
        """What Swarm said last of its tasks: the error of one, or the state of the newest."""
        tasks = sorted(self._service(name).tasks(), key=lambda task: str(task["CreatedAt"]))
        errors = [str(task["Status"]["Err"]) for task in tasks if task["Status"].get("Err")]
        return [*(str(task["Status"]["State"]) for task in tasks), *errors][-1] if tasks else "it has no task"

    def _service(self, name: str) -> Any:
        service = self._found(name)
        if service is None:
            raise StackNotReady(f"Swarm has no service {self._name}_{name}")
        return service

    def _found(self, name: str) -> Any | None:
        wanted = f"{self._name}_{name}"
        found = self._client.services.list(filters={"name": wanted}, status=True)
        return next((one for one in found if one.name == wanted), None)


def is_settled(name: str, service: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it runs as it was deployed last, or has done its work; `tasks` are those that Swarm wants to run.

    Raises StackNotReady for one that went back to what it was, or could not.
    """
    update = service.get("UpdateStatus", {})
    if verdict := GONE_BACK.get(update.get("State", "")):
        raise StackNotReady(f"{name} does not get ready and {verdict}: {update['Message']}")
    count, wanted = service["ServiceStatus"], _version(service["Spec"]["TaskTemplate"])
    if "ReplicatedJob" in service["Spec"]["Mode"]:
        return bool(count["CompletedTasks"])
    running = [task for task in tasks if _runs(task) and _version(task["Spec"]) == wanted]
    return bool(running) and len(running) >= count["DesiredTasks"] and update.get("State") not in UNDER_WAY


def _runs(task: Mapping[str, Any]) -> bool:
    return bool(task["Status"]["State"] == "running")


def _version(task: Mapping[str, Any]) -> Mapping[str, Any]:
    """What makes another one of it; the `Runtime` stands in a service alone."""
    return {key: value for key, value in task.items() if key != "Runtime"}

"""The life of fault proxies: a container of ours in the network namespace of each caller, found by its label.

It needs nothing of the stack but that the caller runs. It ends when the caller's container does, and unless it is to
stay, with the process that made it.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from http import HTTPStatus
from typing import Any

from docker.errors import APIError, NotFound
from docker.types import CancellableStream

from ops.errors import StackNotReady
from ops.eventually import eventually
from ops.faults.errors import OrderRefused, ProxyUnreachable
from ops.faults.proxy.addresses import LISTENING, TCP
from ops.stacks.compose import containers
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.conversations import Conversations, Stream, merged
from ops.stacks.compose.images import Faults
from ops.stacks.compose.labels import CALLER, PROJECT, SERVICE
from ops.system import System

RUN = "gateproof.faults.run"
"""The caller's container and when it started: another start has another namespace."""

STAY = "gateproof.faults.stay"
"""On one that needs nobody."""

WITHIN = 15.0
"""Seconds that a proxy has to get ready."""

KEEPER = 5.0
"""Seconds that the run which keeps the proxies up has to make one."""

SEEN = ("settings", "since", "heldMs", "others")
"""What a fault has that is not asked of another one by that name."""

NOTHING = {"/faults": "faults", "/attempts": "attempts", "/looks": "links", "/healthz": "links", "/stalls": "stalls"}
"""What is empty where no link goes through a proxy."""


class Proxies:
    """The proxies of the callers in `links`, which maps each to its peers: the link's name to `[tcp:]host:port`.

    If they `are_kept`, another process keeps them up.
    """

    def __init__(
        self, found: Containers, links: Mapping[str, Mapping[str, str]], image: Faults, *, are_kept: bool = False
    ) -> None:
        self._found = found
        self._links = links
        self._image = image
        self._are_kept = are_kept
        self._kept: dict[str, tuple[bool, list[dict[str, Any]]]] = {}
        self._held: list[Stream | CancellableStream] = []
        self.conversations = Conversations(found.client)

    @cached_property
    def _built(self) -> str:
        """The name of their image. Raises StackNotReady."""
        return self._image.built()

    def running(self, caller: str | None = None) -> list[Any]:
        """Those there are, or those of one caller's replicas."""
        wanted = {"label": [self._found.filters["label"], f"{CALLER}={caller}" if caller else CALLER]}
        return list(self._found.client.containers.list(filters=wanted, sparse=True))

    def provide(self, callers: Iterable[str], *, stay: bool = False) -> None:
        """See to it that each running replica of these callers has one; to `stay` it needs nobody.

        Raises StackNotReady where a caller does not run, or the kernel or the engine cannot do it.
        """
        self._provide([one for caller in callers for one in self._replicas(caller)], stay=stay)

    def _provide(self, wanted: Sequence[Any], *, stay: bool) -> None:
        missing = self._without(wanted)
        if missing and self._are_kept and eventually(lambda: not self._without(missing), KEEPER, every=0.05):
            missing = []
        self._join_all(missing, stay=stay)
        for one in wanted:
            if one not in missing:
                self._await_ready(one)

    def _join_all(self, missing: Sequence[Any], *, stay: bool) -> None:
        if missing:
            image = self._built
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda one: self._join(one, image, stay=stay), missing))

    def _without(self, replicas: Sequence[Any]) -> list[Any]:
        """Those that have none."""
        there = {one.attrs["Labels"][RUN] for one in self.running()}
        return [one for one in replicas if _run_of(one) not in there]

    @contextlib.contextmanager
    def keeping(self, caller: Any) -> Iterator[None]:
        """Within it a container ends: remember the faults on its links, and what they did, for `renew`.

        Its proxies do not outlive it for long: of one that is gone too, those of before count.
        """
        own = self._of_run(caller)
        before = self._faults(own)
        yield
        faults = self._faults(own)
        stay = any(STAY in one.attrs["Labels"] for one in own)
        self._kept[caller.id] = stay, (before if faults is None else faults) or []

    def _faults(self, proxies: Sequence[Any]) -> list[dict[str, Any]] | None:
        """None where none of them answers."""
        replies = self.conversations.ask(proxies, "GET", "/faults")
        return [fault for _, answer in replies for fault in answer["faults"]] if replies else None

    def renew(self, caller: Any, before: str | None = None) -> None:
        """Put them on the container that has just started, again or in the place of the one with the ID `before`.

        It is frozen meanwhile, so that it asks nobody without them; those that were to stay do so.
        """
        stay, faults = self._kept.pop(before or caller.id, (False, []))
        if not faults:
            return
        caller.reload()
        containers.freeze(caller)
        try:
            if stay:
                self._end_attached(caller)
            self._provide([caller], stay=stay)
            for fault in faults:
                if not self.conversations.ask(self._of_run(caller), "POST", "/faults", _order(fault)):
                    raise ProxyUnreachable("the fault proxy is gone")
        finally:
            caller.unpause()

    def _end_attached(self, caller: Any) -> None:
        """A run that keeps the proxies up has given it one that would end with the run."""
        for one in self._of_run(caller):
            if STAY not in one.attrs["Labels"]:
                with contextlib.suppress(APIError):
                    one.remove(force=True)

    def _of_run(self, caller: Any) -> list[Any]:
        """That of a container since it started last."""
        return [one for one in self.running() if one.attrs["Labels"][RUN] == _run_of(caller)]

    def remove(self) -> None:
        """End all, and with them the rules that they made."""
        for proxy in self.running():
            with contextlib.suppress(APIError):
                proxy.remove(force=True)
        self.close()

    def close(self) -> None:
        """Let go of all; those that are to stay go on."""
        for open_stream in self._held:
            open_stream.close()
        self._held.clear()
        self.conversations.close()

    def keep_up(self, callers: Collection[str]) -> None:
        """Provide them, and again whenever a caller starts again, until they are closed or this process ends."""
        self._are_kept = False
        wanted = {**self._found.filters, "type": "container", "event": "start"}
        client = containers.connect(self._image.docker.host(), patience=None)
        starts = client.events(decode=True, filters=wanted)
        self._held.append(starts)
        self.provide(callers)
        threading.Thread(target=self._follow, args=(starts, callers), daemon=True).start()

    def _follow(self, starts: CancellableStream, callers: Collection[str]) -> None:
        for event in starts:
            labels = event["Actor"]["Attributes"]
            if labels.get(SERVICE) in callers and CALLER not in labels:
                with contextlib.suppress(StackNotReady, APIError):
                    self._join_all(self._without(self._replicas(labels[SERVICE])), stay=False)

    def _replicas(self, caller: str) -> list[Any]:
        running = [one for one in self._found.of(caller) if one.status in ("running", "paused")]
        if not running:
            raise StackNotReady(f"{caller} does not run, so no fault can be put on its links")
        return running

    def _join(self, caller: Any, image: str, *, stay: bool) -> None:
        try:
            created = self._create(caller, image, stay=stay)
        except APIError as refused:
            if refused.status_code != HTTPStatus.CONFLICT:
                raise StackNotReady(f"the fault proxy does not start: {refused.explanation}") from None
            self._await_other(caller, stay=stay)
            return
        try:
            self._begin(created, containers.service(caller), stay=stay)
        except BaseException as trouble:
            with contextlib.suppress(OSError):
                created.remove(force=True)
            if isinstance(trouble, OSError):
                raise StackNotReady(f"the fault proxy does not start: {trouble}") from None
            raise

    def _begin(self, created: Any, caller: str, *, stay: bool) -> None:
        attach = self._found.client.api.attach_socket
        lifeline = None if stay else Stream(attach(created.id, params={"stdin": 1, "stream": 1}))
        output = Stream(attach(created.id, params={"stdout": 1, "stderr": 1, "stream": 1}))
        created.start()
        said = output.read_line()
        output.close()  # what nobody reads would hold it up
        if said.strip() != LISTENING:
            raise StackNotReady(f"{caller} cannot have a fault proxy: {said.strip() or 'it ended'}")
        if lifeline:
            self._held.append(lifeline)

    def _create(self, caller: Any, image: str, *, stay: bool) -> Any:
        name, stays = containers.service(caller), {STAY: ""} if stay else {}
        links = [word for link, target in self._links[name].items() for word in ("--link", f"{link}={target}")]
        return self._found.client.containers.create(
            image,
            links if stay else ["--attached", *links],
            name=_name(caller),
            labels={PROJECT: caller.labels[PROJECT], SERVICE: "faults", CALLER: name, RUN: _run_of(caller)} | stays,
            network_mode=f"container:{caller.id}",
            stdin_open=not stay,
            detach=stay,
            auto_remove=True,
            read_only=True,
            tmpfs={"/run": "size=1m"},
            cap_drop=["ALL"],
            cap_add=["NET_ADMIN"],
            security_opt=["no-new-privileges:true"],
            mem_limit="256m",
            pids_limit=64,
        )

    def _await_other(self, caller: Any, *, stay: bool) -> None:
        """Another call makes it just now, or one that has ended, or is of the caller's last start, has yet to go."""
        with contextlib.suppress(NotFound):
            named = self._found.client.containers.get(_name(caller))
            if named.labels.get(RUN) == _run_of(caller) and named.status in ("created", "running"):
                self._await_ready(caller)
                return
            with contextlib.suppress(APIError):
                named.remove(force=True)
        self.provide([containers.service(caller)], stay=stay)

    def _await_ready(self, caller: Any) -> None:
        def is_ready() -> bool:
            replies = self.conversations.ask(self._of_run(caller), "GET", "/healthz")
            return any(status == HTTPStatus.OK for status, _ in replies)

        if not eventually(is_ready, WITHIN, every=0.05):
            raise StackNotReady(f"the fault proxy of {containers.service(caller)} does not get ready")


def targets_of(system: System) -> dict[str, dict[str, str]]:
    """The links of each caller, and where they lead; of a peer that does not say where it listens there is none."""
    targets: dict[str, dict[str, str]] = {one.name: {} for one in system.parts}
    for link in system.links:
        peer = system.part(link.peer)
        if peer.port:
            targets[link.caller][str(link)] = f"{'' if peer.is_http else TCP}{peer.name}:{peer.port}"
    return targets


class ProxyControl:
    """The control of all links of a project, as ops.faults.proxy.control_client.ControlClient has it of one proxy.

    A fault is put on every replica of its caller, so one for a number of requests is for that many of each.
    """

    def __init__(self, proxies: Proxies, *, stay: bool = False) -> None:
        self._proxies = proxies
        self._stay = stay

    def call(self, method: str, path: str, order: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Raises OrderRefused, ProxyUnreachable, StackNotReady."""
        caller = str(order["link"]).partition(":")[0] if order else None
        if order and path == "/faults":
            self._proxies.provide([str(caller)], stay=self._stay)
            order = {**order, "id": secrets.token_hex(4)}
        asked = self._proxies.running(caller)
        if not asked and (nothing := NOTHING.get(path.partition("?")[0])):
            return {nothing: []}
        replies = self._proxies.conversations.ask(asked, method, path, order)
        if not replies:
            raise ProxyUnreachable("the fault proxy is gone")
        answers = [answer for status, answer in replies if status < HTTPStatus.BAD_REQUEST]
        if not answers:
            raise OrderRefused(str(replies[0][1].get("detail")))
        return merged(answers)


def _order(fault: Mapping[str, Any]) -> dict[str, Any]:
    """What asks for a fault like the rest of that one."""
    return {**fault["settings"], **{name: value for name, value in fault.items() if name not in SEEN}}


def _name(caller: Any) -> str:
    return f"{caller.name}-faults"


def _run_of(caller: Any) -> str:
    return f"{caller.id} {caller.attrs['State']['StartedAt']}"

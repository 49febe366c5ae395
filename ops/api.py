"""The harness's public face: all that the features, or somebody's own scripts, may use of it.

with open_stack({"base_url": "https://staging.example.com"}) as stack: ...
run = open_run({}, stack)
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from ops.checks import CheckResult
from ops.errors import OpsError, StackNotReady
from ops.evidence import logs
from ops.evidence.journal import Journal
from ops.evidence.logs import LogLine
from ops.evidence.masking import mask
from ops.evidence.runs import Run
from ops.evidence.teller import tell
from ops.faults.errors import NotProven
from ops.faults.wire import Injected, WireFaults
from ops.progress import Progress
from ops.proof import backlog, evidence
from ops.proof.target import FAULTY_LINKS
from ops.proof.versions import versions
from ops.report import write_reports
from ops.smoke.page import Page
from ops.smoke.site import PAGE, Site
from ops.smoke.walk import Result
from ops.stacks import cutting, linkfaults, named, signing, sweeping
from ops.stacks.breakage import Probe
from ops.stacks.breaking import KINDS, Broken
from ops.stacks.cutting import Cut
from ops.stacks.layout import OPS, ROOT
from ops.stacks.local import KIND
from ops.stacks.model import OwnStack, Wish
from ops.stacks.parts import Part
from ops.stacks.topology import HOST, Link
from ops.stacks.url import UrlStack
from ops.stacks.usage import Usage

__all__ = [
    "ROOT",
    "Broken",
    "CheckResult",
    "Cut",
    "Injected",
    "Journal",
    "LogLine",
    "NotProven",
    "OpsError",
    "Page",
    "Result",
    "Run",
    "Stack",
    "StackNotReady",
    "Usage",
    "WireFaults",
    "mask",
    "open_run",
    "open_stack",
]

OWN_NAME = "behave"


class Stack:
    """A running stack as scenarios see it; what needs a capability that it lacks raises StackNotReady."""

    def __init__(self, stack: OwnStack | UrlStack, base_url: str) -> None:
        self._stack = stack
        self.base_url = base_url
        self.name = stack.name
        self.capabilities = stack.capabilities
        self.root = ROOT

    def grant(self, email: str, role: str) -> None:
        """Give an account a role (`grant`)."""
        self._command("users", "grant", email, role)

    def suspend(self, email: str) -> None:
        """Suspend an account (`grant`)."""
        self._command("users", "suspend", email)

    def log_lines(self, request_ids: str) -> list[LogLine]:
        """The lines of all services and the gateway whose request ID matches the glob (`logs`)."""
        return list(logs.lines(self._stack.log_files(), request_ids))

    def mint(self, claims: Mapping[str, Any]) -> str:
        """A token signed by the stack's own key; `claims` replace the valid ones, None leaves one out (`keys`)."""
        return signing.mint(self._own.signing_key(), claims)

    @cached_property
    def wire(self) -> WireFaults:
        """Faults on the links between services (`wire-faults`)."""
        state = self._own.state
        if state is None or state.control is None:
            raise StackNotReady(f"stack {self.name} has no fault proxy")
        return WireFaults(f"http://{HOST}:{state.control}")

    def break_service(self, kind: str, target: str, good: Probe | None = None) -> Broken:
        """A fault on a service or a replica of it, to be used as a `with` block (`kill`, `pause`, `recreate`).

        `kind` is stopped, killed, paused, restarted or recreated; `target` is `orders` or `orders.2`; `good` says when
        the customers are served again (default: when the service answers through the gateway). Raises WrongUsage.
        """
        if kind not in KINDS or KINDS[kind].capability not in self.capabilities:
            raise StackNotReady(f"stack {self.name} knows no {kind!r}")
        parts = self._own.parts
        settle = partial(linkfaults.settle, self._own)
        return Broken(parts, Part.parse(target, parts.all()), kind, self.base_url, good, settle)

    def cut_link(self, link: str, good: Probe | None = None) -> Cut:
        """A link without its network ("orders:products"), to be used as a `with` block (`cut`); `good` as above."""
        wires = self._own.wires
        if wires is None or cutting.CAPABILITY not in self.capabilities:
            raise StackNotReady(f"no link of stack {self.name} can be cut")
        return Cut(wires, Link.parse(link), self.base_url, good)

    def usage(self, target: str) -> Usage:
        """What a service, or a replica of it, takes of its machine now (`usage`). Raises StackNotReady, WrongUsage."""
        parts = self._own.parts
        return parts.usage(Part.parse(target, parts.all()))

    def check_gateway(self) -> Sequence[CheckResult]:
        """What can be said of the configuration that the gateway runs with (`gateway-config`)."""
        return self._own.check_gateway()

    def versions(self) -> Mapping[str, str]:
        """Of what it runs on, as far as it can be told from here."""
        return {} if isinstance(self._stack, UrlStack) else self._stack.versions()

    def follow_checklist(self, run: str) -> list[Result]:
        """The smoke checklist of docs/operations.md, tried here; what it adds bears the name `run`, new each time.

        Raises WrongUsage, with the line, for a page that has none.
        """
        directory = None if isinstance(self._stack, UrlStack) else self._stack.layout.directory
        site = Site(self.base_url, self.name, self.capabilities, directory)
        return list(site.walk(Page.read(PAGE.read_text(encoding="utf-8")), run))

    def log_files(self) -> Sequence[Path]:
        """Its services' logs and the gateway's access log, as far as they can be read from here."""
        return self._stack.log_files()

    def _command(self, service: str, *arguments: str) -> None:
        done = self._own.command(service, arguments)
        if done.returncode:
            raise StackNotReady(f"{service} {' '.join(arguments)}: {done.stderr.strip()}")

    @property
    def _own(self) -> OwnStack:
        if isinstance(self._stack, UrlStack):
            raise StackNotReady(f"nothing of {self.name} is in our hands but its answers")
        return self._stack


@contextlib.contextmanager
def open_run(userdata: Mapping[str, str]) -> Iterator[Run]:
    """The run that `ops verify` began (`run`: its folder), else a new one whose reports are written at its end."""
    if folder := userdata.get("run"):
        yield Run.open(Path(folder))
        return
    run = Run.begin(OPS)
    kind = "url" if "base_url" in userdata else "local"
    facts = {"stack": kind, "baseUrl": userdata.get("base_url"), "command": "behave", "versions": versions()}
    run.journal.write("run-started", run=run.id, backlog=backlog.read(), **facts)
    progress, began = Progress(), time.monotonic()
    try:
        with run.held():
            yield run
    finally:
        is_ok = tell(run.journal.path).verdict.ok
        run.journal.write("run-finished", exit=int(not is_ok), seconds=round(time.monotonic() - began, 3))
        verdict = write_reports(run.directory)
        progress.say(f"report: {os.path.relpath(run.directory / 'report.html')}", "ok" if verdict.ok else "bad")


@contextlib.contextmanager
def open_stack(userdata: Mapping[str, str], run: Run) -> Iterator[Stack]:
    """The stack at `base_url`, else the one named `stack`, else `default` if that is up, else one made for the while.

    Raises StackNotReady, told in the journal, when it cannot be reached or does not come up. The log lines of the run's
    requests go into the journal at the end, unless `ops verify` does that.
    """
    try:
        with _found(userdata) as stack:
            if "run" not in userdata:
                run.journal.write("versions", versions=stack.versions())
            yield stack
            if "run" not in userdata:
                evidence.keep(run, stack.log_files())
    except OpsError as failure:
        evidence.record(run, failure)
        raise


@contextlib.contextmanager
def _found(userdata: Mapping[str, str]) -> Iterator[Stack]:
    if base_url := userdata.get("base_url"):
        remote = UrlStack(base_url)
        remote.reach()
        yield Stack(remote, remote.url)
    elif name := userdata.get("stack"):
        yield _running(named.running(name))
    elif named.stack(named.DEFAULT).state:
        yield _running(named.running(named.DEFAULT))
    else:
        with _own_stack() as stack:
            yield stack


def _running(stack: OwnStack) -> Stack:
    status = stack.status()
    if status.state == "down" or status.url is None:
        raise StackNotReady(
            f"stack {stack.name} is {status.state}; start it with: python3 -m ops up --name {stack.name}"
        )
    return Stack(stack, status.url)


@contextlib.contextmanager
def _own_stack() -> Iterator[Stack]:
    sweeping.sweep(named.environment())
    stack = named.of_kind(OWN_NAME, KIND)
    with stack.layout.held():
        try:
            stack.clear()
            yield _running_after_up(stack)
        finally:
            stack.down()


def _running_after_up(stack: OwnStack) -> Stack:
    stack.up(Wish(0, FAULTY_LINKS, ephemeral=True), Progress())
    return _running(stack)

"""A running stack as scenarios see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path

from ops.checks import CheckResult
from ops.errors import StackNotReady
from ops.faults import on_links
from ops.faults.catalogue import KINDS, SERVICE, names
from ops.faults.link_faults import LinkFaults
from ops.faults.recovery import Probe
from ops.faults.service_faults import ServiceFault
from ops.smoke.page import Page, checklist
from ops.smoke.walk import Result, walking
from ops.stacks.model import OwnStack
from ops.stacks.parts import Part
from ops.stacks.remote import RemoteStack
from ops.stacks.usage import Usage
from ops.system import current
from ops.trace import logs
from ops.trace.logs import LogLine


class Stack:
    """What needs a capability that it lacks raises StackNotReady."""

    def __init__(self, stack: OwnStack | RemoteStack, base_url: str) -> None:
        self._stack = stack
        self.base_url = base_url
        self.name = stack.name
        self.capabilities = stack.capabilities
        self.root = current().root

    def exec(self, service: str, *command: str, given: str = "") -> str:
        """What a command prints that is run where a service runs, with its settings (`exec`).

        Raises StackNotReady, with what it said, when it does not end with 0.
        """
        done = self._own.exec(service, command, given.encode())
        if done.returncode:
            raise StackNotReady(f"{service}: {' '.join(command)}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode()

    def log_lines(self, request_ids: str) -> list[LogLine]:
        """The lines of all services and the gateway whose request ID matches the glob (`logs`)."""
        return list(logs.lines(self._stack.log_files(), request_ids))

    @cached_property
    def wire(self) -> LinkFaults:
        """Faults on the links between services (`wire-faults`)."""
        if (control := self._own.link_control) is None:
            raise StackNotReady(f"stack {self.name} has no fault proxy")
        return LinkFaults(control)

    def break_service(self, kind: str, target: str, good: Probe | None = None) -> ServiceFault:
        """A fault on a service or a replica of it, to be used as a `with` block (`kill`, `pause`, `recreate`).

        `kind` is stopped, killed, paused, restarted or recreated; `target` is `cart` or `cart.2`; `good` says when
        the customers are served again (default: when the service answers through the gateway). Raises WrongUsage.
        """
        if kind not in names(SERVICE) or KINDS[kind].capability not in self.capabilities:
            raise StackNotReady(f"stack {self.name} knows no {kind!r}")
        parts = self._own.parts
        settle = partial(on_links.settle, self._own)
        return ServiceFault(parts, Part.parse(target, parts.all()), kind, self.base_url, good, settle)

    def usage(self, target: str) -> Usage:
        """What a service, or a replica of it, takes of its machine now (`usage`). Raises StackNotReady, WrongUsage."""
        parts = self._own.parts
        return parts.usage(Part.parse(target, parts.all()))

    def check_gateway(self) -> Sequence[CheckResult]:
        """What can be said of the configuration that the gateway runs with (`gateway-config`)."""
        return self._own.check_gateway()

    def versions(self) -> Mapping[str, str]:
        """Of what it runs on, as far as it can be told from here."""
        return {} if isinstance(self._stack, RemoteStack) else self._stack.versions()

    def follow_checklist(self, run: str) -> list[Result]:
        """The smoke checklist that the system names, tried here; what it adds bears the name `run`, new each time.

        Raises WrongUsage, with the line, for a page that has none.
        """
        page = Page.read(checklist().read_text(encoding="utf-8"))
        directory = None if isinstance(self._stack, RemoteStack) else self._stack.layout.directory
        with walking(page, run, self.base_url, self.name, self.capabilities, directory) as walk:
            return [walk.take(step) for step in page.steps]

    def log_files(self) -> Sequence[Path]:
        """Its services' logs and the gateway's access log, as far as they can be read from here."""
        return self._stack.log_files()

    @property
    def _own(self) -> OwnStack:
        if isinstance(self._stack, RemoteStack):
            raise StackNotReady(f"nothing of {self.name} is in our hands but its answers")
        return self._stack

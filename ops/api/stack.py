"""A running stack as scenarios see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from ops.checks import CheckResult
from ops.errors import StackNotReady
from ops.evidence import logs
from ops.evidence.logs import LogLine
from ops.faults import on_links
from ops.faults.catalogue import KINDS, SERVICE, names
from ops.faults.link_faults import LinkFaults
from ops.faults.recovery import Probe
from ops.faults.service_faults import ServiceFault
from ops.smoke.page import Page
from ops.smoke.site import PAGE, Site
from ops.smoke.walk import Result
from ops.stacks import signing
from ops.stacks.layout import ROOT
from ops.stacks.model import OwnStack
from ops.stacks.parts import Part
from ops.stacks.url import UrlStack
from ops.stacks.usage import Usage


class Stack:
    """What needs a capability that it lacks raises StackNotReady."""

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
    def wire(self) -> LinkFaults:
        """Faults on the links between services (`wire-faults`)."""
        if (control := self._own.link_control) is None:
            raise StackNotReady(f"stack {self.name} has no fault proxy")
        return LinkFaults(control)

    def break_service(self, kind: str, target: str, good: Probe | None = None) -> ServiceFault:
        """A fault on a service or a replica of it, to be used as a `with` block (`kill`, `pause`, `recreate`).

        `kind` is stopped, killed, paused, restarted or recreated; `target` is `orders` or `orders.2`; `good` says when
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

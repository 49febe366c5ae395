"""behave's hooks for the features of any system: their `environment.py` calls them, and that is all of it.

from ops.api import hooks

def before_all(context): hooks.before_all(context)
def before_scenario(context, scenario): hooks.before_scenario(context, scenario)
def after_step(context, step): hooks.after_step(context, step)
def after_scenario(context, scenario): hooks.after_scenario(context, scenario)

Steps find `context.probe`. A tag `@needs.<capability>` skips a scenario on a stack that lacks it; `@alone` lets nothing
run beside it.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Set
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import requests

from ops.api.opening import open_run, open_stack
from ops.api.recording import Recording, Scenario, Step, telling
from ops.api.scheduling import Turns
from ops.faults.errors import NotProven
from ops.faults.link_faults import LinkFault
from ops.faults.on_links import link_faults, trouble
from ops.faults.service_faults import ServiceFault, break_service
from ops.journal import events
from ops.journal.runs import Run
from ops.run.selection import ALONE
from ops.stacks.model import Stack
from ops.stacks.probes import authorities
from ops.system import current

NEEDS = "needs."
REQUEST_ID = "X-Request-ID"
WITHIN = 15.0
"""Seconds for one answer."""


class Probe:
    """What the steps of one scenario use: the `stack`, requests through its gateway, and faults."""

    def __init__(self, run: Run, stack: Stack, recording: Recording) -> None:
        self.stack = stack
        self.answer: requests.Response | None = None
        self.request_id = ""
        self.recording = recording
        self._journal = run.journal
        self._session = requests.Session()
        self._session.trust_env = False  # as every look at a stack: past the machine's HTTP proxy
        self._session.verify = authorities()
        self._faults: list[LinkFault | ServiceFault] = []
        self._undo = ExitStack()

    def send(self, method: str, path: str, **content: Any) -> requests.Response:
        """The answer, also kept as `answer`; `content` is as for requests.request. It stands in the journal."""
        own = self.recording.place.next_request_id()
        headers = {REQUEST_ID: own, **content.pop("headers", {})}
        began = time.monotonic()
        asked: dict[str, Any] = {"scenario": self.recording.id, "method": method, "url": self.stack.base_url + path}
        try:
            answer = self._session.request(
                method, self.stack.base_url + path, headers=headers, timeout=WITHIN, allow_redirects=False, **content
            )
        except requests.RequestException as error:
            ms = round((time.monotonic() - began) * 1000, 1)
            words = f"{type(error).__name__}: {error}"
            self._journal.write(events.Request(request_id=own, ms=ms, error=words, **asked))
            raise
        self.request_id = answer.headers.get(REQUEST_ID, own)
        self.answer = answer
        self._journal.write(
            events.Request(
                request_id=self.request_id,
                **asked,
                status=answer.status_code,
                ms=round((time.monotonic() - began) * 1000, 1),
                request_headers=tuple(headers.items()),
                response_headers=tuple(answer.headers.items()),
                response_body=answer.text,
            )
        )
        return answer

    def inject(self, kind: str, link: str, **settings: Any) -> None:
        """A fault on a link until the scenario ends, for its own requests or those of `request_ids` (`wire-faults`).

        A gateway that keeps no client's request ID needs `request_ids="*"`, in a scenario that is `@alone`.
        """
        limits = {"request_ids": self.recording.place.request_ids, **settings}
        self._begin(link_faults(self.stack).inject(kind, str(current().link(link)), **limits))

    def break_service(self, kind: str, target: str) -> None:
        """A fault on a service until the scenario ends (`kill`, `pause`, `recreate`)."""
        self._begin(break_service(self.stack, kind, target))

    def end(self) -> None:
        """Undo the faults, and write each down. Raises StackNotReady when a service is not back, NotProven."""
        try:
            self._undo.close()
        finally:
            for fault in self._faults:
                self._journal.write(events.Fault.model_validate({"scenario": self.recording.id, **fault.evidence()}))
        unproven = [fault.detail for fault in self._faults if not fault.confirmed()]
        if unproven and not self.recording.failure:
            raise NotProven("; ".join(unproven))

    def _begin(self, fault: LinkFault | ServiceFault) -> None:
        self._undo.enter_context(fault)
        self._faults.append(fault)


def writable() -> None:
    """Let behave write any text that a failure has, in any locale."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def before_all(context: Any) -> None:
    """One run and one stack for all scenarios."""
    writable()
    exits = ExitStack()
    context.add_cleanup(exits.close)
    context.run = exits.enter_context(open_run(context.config.userdata))
    with telling(context.run.journal, "before_all"):
        context.stack = exits.enter_context(open_stack(context.config.userdata, context.run))
        turns = context.config.userdata.get("turns")
        context.turns = Turns(Path(turns) if turns else None)


def before_scenario(context: Any, scenario: Scenario) -> None:
    """A fresh `context.probe`."""
    context.probe = None
    with telling(context.run.journal, f"before_scenario {scenario.location}"):
        if recording := begin(context, scenario, context.stack.capabilities):
            context.probe = Probe(context.run, context.stack, recording)


def begin(context: Any, scenario: Scenario, capabilities: Set[str]) -> Recording | None:
    """Wait for the scenario's turn; None where another worker has it. It is skipped where it needs more than these."""
    if not context.turns.take(f"{scenario.filename}:{scenario.line}"):
        scenario.skip("another worker has it")
        return None
    context.add_cleanup(context.turns.wait(alone=ALONE in scenario.effective_tags))
    recording = Recording(context.run, scenario, partial(trouble, context.stack))
    needs = {tag.removeprefix(NEEDS) for tag in scenario.effective_tags if tag.startswith(NEEDS)}
    if missing := sorted(needs - capabilities):
        scenario.skip(f"the stack has no {', '.join(missing)}")
    return recording


def after_step(context: Any, step: Step) -> None:
    """It stands in the journal."""
    context.probe.recording.step(step)


def after_scenario(context: Any, scenario: Scenario) -> None:
    """Faults end with it."""
    if context.probe is None:
        return
    error: Exception | None = None
    try:
        context.probe.end()
    except Exception as raised:
        error = raised
        raise
    finally:
        context.probe.recording.finished(error)

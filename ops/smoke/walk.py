"""A walk through a checklist, step by step: what held, what was answered instead, and what could not be tried."""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from typing import Any, Literal

from ops.journal.events import Request
from ops.journal.masking import is_secret, mask_text
from ops.smoke.asked import filled
from ops.smoke.page import ANYTHING, Page, Step
from ops.smoke.shell import Shell
from ops.stacks import registry
from ops.stacks.model import Stack
from ops.system import HARNESS, current

HEAD = re.compile(r"^HTTP/[\d.]+ (?!1\d\d)(\d{3}).*\n", re.M)
"""Of an answer; `100 Continue` and its like are none yet."""
LONGEST = 4000
"""Characters kept of what was printed."""
WITHIN = 30.0
"""Seconds for one step."""
MISSING = object()


@dataclass(frozen=True)
class Result:
    """How a step ended; `why` says what did not hold, or why it was not tried, `came` is what its commands printed.

    Secrets are masked in both. `request` is its last request and the answer, for the journal, which masks it.
    """

    step: Step
    status: Literal["held", "failed", "skipped"]
    why: tuple[str, ...] = ()
    came: str = ""
    request_id: str = ""
    seconds: float = 0.0
    request: Request | None = None


@dataclass(frozen=True)
class Walk:
    """Through a checklist, in a shell that is prepared for it, on a stack with these capabilities."""

    shell: Shell
    capabilities: Set[str]

    def take(self, step: Step) -> Result:
        """Try a step, unless it needs what the stack has not."""
        if step.needs and step.needs not in self.capabilities:
            return Result(step, "skipped", (f"the stack has no {step.needs}",))
        began = time.monotonic()
        printed, code = self.shell.run(step.script)
        seconds = time.monotonic() - began
        why = tuple(self._masked(words) for words in self._differences(step, printed, code))
        request_id = self._masked(filled(step.request_id, self.shell.variables))
        came = self._masked(printed.strip())[:LONGEST]
        request = self._request(step, request_id, printed, seconds)
        return Result(step, "failed" if why else "held", why, came, request_id, seconds, request)

    def _request(self, step: Step, request_id: str, printed: str, seconds: float) -> Request | None:
        if step.asked is None or not request_id:
            return None
        sent, head = step.asked.filled(self.shell.variables), HEAD.search(printed)
        request = Request(
            scenario="",
            request_id=request_id,
            method=sent.method,
            url=sent.url,
            ms=round(seconds * 1000, 1),
            request_headers=tuple((name, value) for name, _, value in (one.partition(": ") for one in sent.headers)),
            request_body="" if sent.body.startswith("@") else sent.body,
            is_cut=sent.body.startswith("@"),
        )
        if head is None:
            return request.model_copy(update={"error": self._masked(printed.strip()) or "nothing was answered"})
        answered = Parser().parsestr(printed[head.end() :])
        came = {"response_headers": tuple(answered.items()), "response_body": str(answered.get_payload())}
        return request.model_copy(update={"status": int(head[1]), **came})

    def _differences(self, step: Step, printed: str, code: int | None) -> Iterator[str]:
        """What does not hold, a sentence each."""
        if code is None:
            yield f"it did not end within {self.shell.within:.0f} s"
            return
        answered = answer(printed)
        if answered is None:
            yield "nothing was answered"
        else:
            yield from differences(step.expected(self.shell.variables), answered, "")
        if code:
            yield f"its commands ended with exit code {code}"

    def _masked(self, text: str) -> str:
        for name, value in self.shell.variables.items():
            if value and is_secret(name):
                text = text.replace(value, "***")
        return mask_text(text)


@contextlib.contextmanager
def shell(run: str, stack: Stack) -> Iterator[Shell]:
    """A shell that knows where the stack is, with scratch in its folder if there is one; `run` is new each time.

    Raises StackNotReady when this machine lacks a program that the steps need.
    """
    given = {"BASE_URL": stack.base_url, "STACK": stack.name, "SMOKE_RUN": run}
    own = stack.directory if stack.directory and stack.directory.exists() else None
    with tempfile.TemporaryDirectory(prefix="smoke-", dir=own) as scratch:
        callers = {**registry.callers_environment(), "PYTHONPATH": str(HARNESS)}
        yield Shell(current().root, Path(scratch), {**callers, **given}, WITHIN)


@contextlib.contextmanager
def walking(page: Page, run: str, stack: Stack) -> Iterator[Walk]:
    """A walk on the stack; `run` makes what the steps add unique. Raises StackNotReady."""
    with shell(run, stack) as prepared:
        prepared.run(page.preparation)
        yield Walk(prepared, stack.capabilities)


def answer(printed: str) -> Mapping[str, Any] | None:
    """The first answer in what `curl -i` printed, as `{"status", "headers", "body"}`; None where there is none."""
    head = HEAD.search(printed)
    if head is None:
        return None
    message = Parser().parsestr(printed[head.end() :])
    headers = {name.lower(): " and ".join(message.get_all(name, [])) for name in message}
    try:
        body = json.loads(str(message.get_payload()))
    except ValueError:
        body = MISSING
    return {"status": int(head[1]), "headers": headers, "body": body}


def differences(expected: Any, came: Any, place: str) -> Iterator[str]:
    """What is not as expected, with its place, a sentence each."""
    match expected:
        case dict() if isinstance(came, dict) or not expected:
            for name, value in expected.items():
                yield from differences(value, came.get(name, MISSING), f"{place}.{name}".lstrip("."))
        case [_, *_] if isinstance(came, list):
            for number, value in enumerate(expected):
                item = came[number] if number < len(came) else MISSING
                yield from differences(value, item, f"{place}[{number}]")
        case str() if expected == ANYTHING and came not in (MISSING, None, ""):
            return
        case _ if expected != came:
            yield f"{place} is {_shown(came)}, not {_shown(expected)}"


def _shown(value: Any) -> str:
    return "missing" if value is MISSING else json.dumps(value, ensure_ascii=False)

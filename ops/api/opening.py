"""The run and the stack of a call of behave: what is asked for by its userdata (`-D`), or made for the run."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from ops.errors import Exit, OpsError, StackNotReady
from ops.journal.events import RunStarted, Versions
from ops.journal.runs import Run
from ops.progress import Progress
from ops.run import backlog, ending, evidence
from ops.run.versions import versions
from ops.stacks import loan, local, registry, remote, sweeping
from ops.stacks.layout import OPS
from ops.stacks.model import Stack, UpOptions
from ops.system import current

OWN_NAME = "behave"


@contextlib.contextmanager
def open_run(userdata: Mapping[str, str]) -> Iterator[Run]:
    """The run that `ops verify` began (`run`: its folder), else a new one whose reports are written at its end."""
    if folder := userdata.get("run"):
        yield Run.open(Path(folder))
        return
    run = Run.begin(OPS)
    run.journal.write(
        RunStarted(
            run=run.id,
            kind="behave",
            stack=_kind(userdata),
            base_url=userdata.get("base_url"),
            command="behave",
            versions=versions(),
            backlog=backlog.read(),
        )
    )
    progress, began = Progress(), time.monotonic()
    try:
        with run.held():
            yield run
    finally:
        is_ok = run.record.verdict.ok
        ending.finish(run, Exit.HELD if is_ok else Exit.FAILED, time.monotonic() - began)
        progress.say(f"report: {os.path.relpath(run.directory / 'report.html')}", "ok" if is_ok else "bad")


@contextlib.contextmanager
def open_stack(userdata: Mapping[str, str], run: Run) -> Iterator[Stack]:
    """The stack at `base_url`, else the one named `stack`, else `default` if that is up, else one made for the run.

    Raises StackNotReady, which the journal records, when it cannot be reached or does not come up. The log lines
    of the run's requests go into the journal at the end, unless `ops verify` does that.
    """
    try:
        with _found(userdata) as stack:
            if "run" not in userdata:
                run.journal.write(Versions(versions=stack.versions()))
            yield stack
            if "run" not in userdata:
                evidence.keep(run, stack.log_files())
    except OpsError as failure:
        evidence.record(run, failure)
        raise


def _kind(userdata: Mapping[str, str]) -> str:
    """What the stack is made of that `open_stack` will find."""
    if "base_url" in userdata:
        return remote.KIND
    state = registry.stack(userdata.get("stack", registry.DEFAULT)).state
    return state.stack if state else local.KIND


@contextlib.contextmanager
def _found(userdata: Mapping[str, str]) -> Iterator[Stack]:
    if base_url := userdata.get("base_url"):
        elsewhere = remote.RemoteStack(base_url)
        elsewhere.reach()
        yield elsewhere
    elif name := userdata.get("stack"):
        yield _running(registry.running(name))
    elif registry.stack(registry.DEFAULT).state:
        yield _running(registry.running(registry.DEFAULT))
    else:
        with _own_stack() as stack:
            yield stack


def _running(stack: Stack) -> Stack:
    status = stack.status()
    if status.state == "down":
        raise StackNotReady(
            f"stack {stack.name} is {status.state}; start it with: python3 -m ops up --name {stack.name}"
        )
    return stack


@contextlib.contextmanager
def _own_stack() -> Iterator[Stack]:
    sweeping.sweep(registry.environment())
    stack = registry.of_kind(OWN_NAME, local.KIND)
    with loan.of(stack):
        loan.up(stack, UpOptions(0, current().links, ephemeral=True), Progress())
        yield _running(stack)

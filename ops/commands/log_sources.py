"""Where log lines are looked for: in the files of a stack that is up, or in the journal of a run that is over."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ops.errors import StackNotReady, WrongUsage
from ops.journal import runs
from ops.journal.journal import log_lines
from ops.journal.record import Record
from ops.journal.runs import Run
from ops.stacks import registry
from ops.stacks.layout import OPS
from ops.stacks.model import Stack
from ops.system import current
from ops.trace import logs, search
from ops.trace.logs import LogLine, text


class Origin(Protocol):
    """A place with log lines."""

    @property
    def words(self) -> str:
        """What it is, and where it lies."""

    @property
    def grows(self) -> bool:
        """Whether lines may still be on their way."""

    def matching(self, request_ids: str) -> Iterable[LogLine]:
        """Every line of the requests that match (`*`: any characters)."""

    def find(self, request_id: str) -> list[LogLine]:
        """The lines of one request, each with its `service` and `replica`."""

    def newest(self, request_ids: str, count: int) -> list[LogLine]:
        """The access line of each of the newest requests that match, newest first."""


@dataclass(frozen=True)
class OfStack:
    """A stack of ours."""

    stack: Stack
    grows: bool = True

    @property
    def files(self) -> Sequence[Path]:
        """As they are now."""
        return self.stack.log_files()

    @property
    def words(self) -> str:
        """Its name and its files."""
        searched = ", ".join(os.path.relpath(file) for file in self.files)
        return f"the stack {self.stack.name!r} (searched: {searched})"

    def matching(self, request_ids: str) -> Iterable[LogLine]:
        """From all files."""
        return logs.lines(self.files, request_ids)

    def find(self, request_id: str) -> list[LogLine]:
        """A peer writes its line before its caller does: read after the caller's, its log has that line."""
        order = {name: at for at, name in enumerate((current().gateway.name, *reversed(current().names)))}
        first = sorted(self.files, key=lambda file: order.get(logs.service_of(file), len(order)))
        return search.find(first, request_id)

    def newest(self, request_ids: str, count: int) -> list[LogLine]:
        """From all files."""
        return search.newest(self.files, request_ids, count)


@dataclass(frozen=True)
class OfRun:
    """A run: its journal got the lines when it ended."""

    run: Run
    grows: bool = False

    @property
    def words(self) -> str:
        """Its name and its journal."""
        return f"the run {self.run.id} (searched: {os.path.relpath(self.run.journal.path)})"

    def matching(self, request_ids: str) -> Iterable[LogLine]:
        """From the journal."""
        return log_lines(self.run.journal.path, request_ids)

    def find(self, request_id: str) -> list[LogLine]:
        """From the journal."""
        return list(log_lines(self.run.journal.path, request_id))

    def newest(self, request_ids: str, count: int) -> list[LogLine]:
        """From the journal."""
        found = log_lines(self.run.journal.path, request_ids)
        return search.latest((line for line in found if text(line, "event") == "request"), count)


def origin(name: str | None, run: str | None, request_id: str) -> Origin:
    """What was asked for, else the run that the request ID names, else the stack of that run or the default one.

    Raises WrongUsage when both were asked for, or the run is not there, StackNotReady when the stack is not up.
    """
    if name and run:
        raise WrongUsage("--name is a stack that is up and --run a run that is over: choose one")
    own = None if name else runs.find(OPS, run) if run else runs.of_request(OPS, request_id)
    busy = _stack_of(own) if own else None
    if own and not busy:
        return OfRun(own)
    try:
        stack = registry.running(name or busy or registry.DEFAULT)
    except StackNotReady as missing:
        raise (missing if name else StackNotReady(f"{missing} (for a run that is over: --run latest)")) from None
    return OfStack(stack)


def _stack_of(run: Run) -> str | None:
    """The stack that a run from here still works with; its journal gets the log lines when it ends."""
    if run.directory.parent != OPS / "runs":
        return None
    record = Record.read(run.journal.path, is_brief=True)
    is_over = record.end or record.ready is None or registry.stack(record.ready.name).state is None
    return None if is_over or record.ready is None else record.ready.name

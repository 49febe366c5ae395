"""What a run keeps of a stack before the stack is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

from ops.errors import OpsError, StackNotReady
from ops.evidence import logs, search
from ops.evidence.fields import text
from ops.evidence.journal import read
from ops.evidence.logs import LogLine
from ops.evidence.runs import Run
from ops.stacks.model import StackStatus


def keep(run: Run, log_files: Iterable[Path]) -> None:
    """The log lines of the run's own requests go into its journal, also of those whose ID does not end as the run's."""
    strange = _strange(run)
    for file in log_files:
        _copy(run, file, [*logs.lines([file], f"*-{run.id}"), *_about(strange, file)])


def _copy(run: Run, file: Path, lines: Iterable[LogLine]) -> None:
    for line in lines:
        about = {"requestId": line.get("requestId"), "service": line["service"], "replica": search.replica(file)}
        run.journal.write("log", **about, line=line)


def _strange(run: Run) -> frozenset[str]:
    """The IDs of its requests that the gateway or a client made."""
    asked = {text(event, "requestId") for event in read(run.journal.path) if event["event"] == "request"}
    return frozenset(one for one in asked if one and not one.endswith(f"-{run.id}"))


def _about(request_ids: Set[str], file: Path) -> Iterator[LogLine]:
    if request_ids:
        yield from (line for line in logs.lines([file]) if text(line, "requestId") in request_ids)


def ready(run: Run, status: StackStatus, ms: int, versions: Mapping[str, str]) -> None:
    """The stack is up after so many milliseconds, and has these parts."""
    services = [{"name": s.name, "replica": s.replica, "readyMs": s.ready_ms} for s in status.services]
    run.journal.write("stack-ready", name=status.name, url=status.url, ms=ms, services=services)
    run.journal.write("versions", versions=versions)


def record(run: Run, failure: OpsError) -> None:
    """Something other than a scenario failed; every report shows it as a failing case."""
    run.journal.write("setup-failed", phase=type(failure).__name__, message=str(failure), log=log_of(failure))


def log_of(failure: OpsError) -> list[str]:
    """The culprit's last lines, where there is one."""
    return failure.log if isinstance(failure, StackNotReady) else []

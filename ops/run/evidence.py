"""What a run keeps of a stack before the stack is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

from ops.errors import OpsError, StackNotReady
from ops.journal.events import Log, ServiceReady, SetupFailed, StackReady, Versions
from ops.journal.runs import Run
from ops.stacks.model import StackStatus
from ops.trace import logs
from ops.trace.logs import LogLine, text


def keep(run: Run, log_files: Iterable[Path]) -> None:
    """The log lines of the run's own requests go into its journal, also of those whose ID does not end as the run's."""
    strange = _strange(run)
    for file in log_files:
        _copy(run, file, [*logs.lines([file], f"*-{run.id}"), *_about(strange, file)])


def _copy(run: Run, file: Path, lines: Iterable[LogLine]) -> None:
    for line in lines:
        request_id, service = text(line, "requestId") or None, text(line, "service")
        run.journal.write(Log(request_id=request_id, service=service, replica=logs.replica(file), line=line))


def _strange(run: Run) -> frozenset[str]:
    """The IDs of its requests that the gateway or a client made."""
    asked = {request.request_id for scenario in run.record.scenarios for request in scenario.requests}
    return frozenset(one for one in asked if one and not one.endswith(f"-{run.id}"))


def _about(request_ids: Set[str], file: Path) -> Iterator[LogLine]:
    if request_ids:
        yield from (line for line in logs.lines([file]) if text(line, "requestId") in request_ids)


def ready(run: Run, status: StackStatus, ms: int, versions: Mapping[str, str]) -> None:
    """The stack is up after so many milliseconds, and has these parts."""
    services = tuple(ServiceReady(name=s.name, replica=s.replica, ready_ms=s.ready_ms or 0) for s in status.services)
    run.journal.write(StackReady(name=status.name, url=status.url, ms=ms, services=services))
    run.journal.write(Versions(versions=versions))


def record(run: Run, failure: OpsError) -> None:
    """Something other than a scenario failed; every report shows it as a failing case."""
    run.journal.write(SetupFailed(phase=type(failure).__name__, message=str(failure), log=tuple(log_of(failure))))


def log_of(failure: OpsError) -> list[str]:
    """The culprit's last lines, where there is one."""
    return failure.log if isinstance(failure, StackNotReady) else []

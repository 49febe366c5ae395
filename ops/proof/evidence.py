"""What a run keeps of a stack before the stack is gone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ops.errors import OpsError, StackNotReady
from ops.evidence import logs, search
from ops.evidence.runs import Run


def keep(run: Run, log_files: Iterable[Path]) -> None:
    """The log lines of the run's own requests go into its journal."""
    for file in log_files:
        for line in logs.lines([file], f"*-{run.id}"):
            about = {"requestId": line.get("requestId"), "service": line["service"], "replica": search.replica(file)}
            run.journal.write("log", **about, line=line)


def record(run: Run, failure: OpsError) -> None:
    """Something other than a scenario failed; every report shows it as a failing case."""
    run.journal.write("setup-failed", phase=type(failure).__name__, message=str(failure), log=log_of(failure))


def log_of(failure: OpsError) -> list[str]:
    """The culprit's last lines, where there is one."""
    return failure.log if isinstance(failure, StackNotReady) else []

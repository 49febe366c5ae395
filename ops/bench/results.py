"""`bench.json`: the figures of a bench in its run's folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ops.errors import WrongUsage
from ops.journal.measurements import Bench
from ops.journal.runs import Run

FILE = "bench.json"
SCHEMA = 1


def document(run: Run, bench: Bench) -> dict[str, Any]:
    """What it holds: the plan, the machine, the rows, and every measurement, also those that do not count."""
    return {"schema": SCHEMA, "run": run.id, **bench.document()}


def write(run: Run, bench: Bench) -> None:
    """Write it."""
    (run.directory / FILE).write_text(json.dumps(document(run, bench), indent=1, ensure_ascii=False))


def read(run: Run) -> Bench:
    """Of an earlier run. Raises WrongUsage for a run that has none, or of another schema."""
    found = _found(run.directory / FILE)
    if found is None:
        raise WrongUsage(f"{run.id} has no bench figures to compare with")
    if found.get("schema") != SCHEMA:
        raise WrongUsage(f"the bench figures of {run.id} have schema {found.get('schema')}, not {SCHEMA}")
    return Bench.of(found)


def _found(file: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None

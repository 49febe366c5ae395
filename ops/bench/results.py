"""`bench.json`: the figures of a bench in its run's folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ops.errors import WrongUsage
from ops.evidence.measurements import Bench
from ops.evidence.runs import Run

FILE = "bench.json"
SCHEMA = 1


def write(run: Run, bench: Bench) -> dict[str, Any]:
    """Write it; the document. Every measurement is in it, also those that do not count."""
    document = {"schema": SCHEMA, "run": run.id, **bench.document()}
    (run.directory / FILE).write_text(json.dumps(document, indent=1, ensure_ascii=False))
    return document


def read(run: Run) -> Bench:
    """Of an earlier run. Raises WrongUsage for a run that has none, or of another schema."""
    document = _document(run.directory / FILE)
    if document is None:
        raise WrongUsage(f"{run.id} has no bench figures to compare with")
    if document.get("schema") != SCHEMA:
        raise WrongUsage(f"the bench figures of {run.id} have schema {document.get('schema')}, not {SCHEMA}")
    return Bench.read(document)


def _document(file: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None

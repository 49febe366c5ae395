"""Runs by the names that people give them."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Final

from ops.errors import WrongUsage
from ops.evidence.runs import Run, runs

LATEST: Final = "latest"
_IN_REQUEST_ID: Final = re.compile(r"-(\d{8}-\d{6}-[0-9a-z]{3})$")


def find(ops_dir: Path, name: str = LATEST) -> Run:
    """The run of that name, or whose name begins or ends like that, `latest`, or the folder of one from elsewhere.

    Raises WrongUsage, with the nearest names, when there is none or there are several.
    """
    if (Path(name) / "journal.jsonl").is_file():
        return Run.open(Path(name).resolve())
    known = runs(ops_dir)
    if name == LATEST and known:
        return known[0]
    matching = [run for run in known if run.id.startswith(name) or run.id.endswith(f"-{name}")]
    if len(matching) == 1:
        return matching[0]
    raise WrongUsage(_refusal(name, [run.id for run in matching], [run.id for run in known]))


def of_request(ops_dir: Path, request_id: str) -> Run | None:
    """The run that a request ID names at its end, if it is here."""
    named = _IN_REQUEST_ID.search(request_id)
    journal = ops_dir / "runs" / named[1] / "journal.jsonl" if named else None
    return Run.open(journal.parent) if journal and journal.is_file() else None


def _refusal(name: str, matching: list[str], known: list[str]) -> str:
    if matching:
        return f"{name!r} are {len(matching)} runs: {_some(matching)}"
    if not known:
        return "there is no run yet; `python3 -m ops verify` makes one"
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or known[:3]
    return f"there is no run {name!r}; the nearest: {_some(near)} (all of them: python3 -m ops report --list)"


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")

"""Faults that a scenario asks for: the journal tells of each, also of one that never came about."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ops.stacks.layout import ROOT

ASKED = """
import sys
from pathlib import Path
from features.support.faults import Faults
from features.support.request_ids import Place
from features.support.recoveries import Recoveries
from ops.api import Journal, NotProven

class Unwilling:
    detail, recovery_ms = "orders paused: seen running → running", 3.0

    def __enter__(self):
        raise NotProven("orders is running although it was paused")

    def confirmed(self):
        return False

    def evidence(self):
        return {"kind": "paused", "target": "orders", "state": "mismatch", "ms": 5.0, "detail": self.detail}

class Stack:
    def break_service(self, kind, service, good=None):
        return Unwilling()

journal = Journal(Path(sys.argv[1]))
faults = Faults(Stack(), Place("features/made/up.feature", 1, "run"), journal, Recoveries())
try:
    faults.break_service("orders", "paused", lambda: None)
except NotProven:
    journal.write("refused")
if faults:
    faults.undo(lambda: journal.write("journey"))
"""


def told(folder: Path) -> list[dict[str, Any]]:
    """The journal of a scenario whose fault does not come about."""
    journal = folder / "journal.jsonl"
    subprocess.run([sys.executable, "-c", ASKED, str(journal)], cwd=ROOT, check=True)
    return [json.loads(line) for line in journal.read_text().splitlines()]


def test_a_fault_that_never_came_about_stands_in_the_journal_with_the_reason(tmp_path: Path) -> None:
    refused, journey, fault = told(tmp_path)
    assert (refused["event"], journey["event"], fault["event"]) == ("refused", "journey", "fault")
    assert (fault["scenario"], fault["kind"], fault["target"]) == ("features/made/up.feature:1", "paused", "orders")
    assert (fault["state"], fault["began"] < fault["ts"]) == ("mismatch", True)
    assert fault["detail"] == "orders paused: seen running → running; orders is running although it was paused"

"""A run that behave begins by itself has a beginning, an end and reports, like one of `verify`."""

from __future__ import annotations

import shutil

from ops.api import open_run
from ops.journal.journal import read
from ops.report.listing import Entry


def test_it_ends_in_its_journal_and_its_reports() -> None:
    with open_run({}) as run:
        assert Entry.of(run.directory).state == "going on"
    try:
        assert [event.event for event in read(run.journal.path)] == ["run-started", "run-finished"]
        assert (run.directory / "report.html").exists()
        assert (Entry.of(run.directory).state, Entry.of(run.directory).words) == ("finished", "No scenario ran.")
    finally:
        shutil.rmtree(run.directory)

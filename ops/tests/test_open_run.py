"""A run that behave begins by itself has a beginning, an end and reports, like one of `verify`."""

from __future__ import annotations

import shutil

import pytest

from ops.api import open_run
from ops.journal.journal import read
from ops.report.listing import Entry
from ops.stacks import kinds
from ops.stacks.layout import Layout
from ops.stacks.state import State

pytestmark = pytest.mark.whole


def test_it_ends_in_its_journal_and_its_reports() -> None:
    with open_run({}) as run:
        assert Entry.of(run.directory).state == "going on"
    try:
        assert [event.event for event in read(run.journal.path)] == ["run-started", "run-finished"]
        assert (run.directory / "report.html").exists()
        assert (Entry.of(run.directory).state, Entry.of(run.directory).words) == ("finished", "No scenario ran.")
    finally:
        shutil.rmtree(run.directory)


def test_it_says_what_its_stack_is_made_of() -> None:
    place = Layout("t-open")
    place.make()
    State(stack=kinds.COMPOSE, url="http://127.0.0.1:1", members=[]).save(place.state)
    try:
        with open_run({"stack": place.name}) as run:
            assert run.record.stack == kinds.COMPOSE
        shutil.rmtree(run.directory)
    finally:
        place.remove()

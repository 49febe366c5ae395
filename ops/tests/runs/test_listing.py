"""Each run is listed with what became of it, also one that goes on, was killed, or never wrote anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

from ops.journal.record import Record
from ops.journal.runs import Run, hold, runs
from ops.report.headline import headline
from ops.report.listing import Entry, entries, text
from ops.tests.journals import MadeUpRun
from ops.tests.runs.conftest import Maker

HOLD = """
import sys
from pathlib import Path
from ops.journal.runs import Run, runs
with Run.open(Path(sys.argv[1])).held():
    print("held", flush=True)
    sys.stdin.read()
"""


def words(run: Entry) -> tuple[str, str, str]:
    return run.directory.name, run.state, run.words


def whole(run: MadeUpRun) -> None:
    run.passing()
    run.failing()
    run.faulty(20, "mismatch")
    run.flaky()
    run.skipped()


def test_newest_first_and_nothing_that_is_no_run(make: Maker, tmp_path: Path) -> None:
    held = make("20261121-080000-abc")
    held.passing()
    held.end()
    killed = make("20261122-080000-abc")
    whole(killed)
    (tmp_path / "runs" / "20261123-080000-abc").mkdir()
    (tmp_path / "runs" / "notes").mkdir()
    (tmp_path / "runs" / "20261125-080000-abc").symlink_to(tmp_path / "runs" / "20261123-080000-abc")
    assert list(map(words, entries(tmp_path))) == [
        ("20261123-080000-abc", "finished", "it has no journal"),
        (
            "20261122-080000-abc",
            "unfinished",
            f"{headline(Record.read(killed.journal.path))} 1 skipped. The run was killed.",
        ),
        ("20261121-080000-abc", "finished", "The one scenario held."),
    ]
    assert (
        text(entries(tmp_path))
        .splitlines()[2]
        .startswith("20261121-080000-abc  verify  local      21.4 s    0.0 MB  The one")
    )


def test_a_run_is_told_by_its_command_and_the_columns_hold_whatever_the_stack_is_called(
    make: Maker, tmp_path: Path
) -> None:
    stacks = {"smoke": "local", "behave": "local", "verify": "url"}
    for day, (kind, stack) in enumerate(stacks.items(), 1):
        run = make(f"2026112{day}-080000-abc")
        run.write("run-started", kind=kind, stack=stack, command=f"python3 -m ops {kind}")
        run.passing()
        run.passing(20, "Another")
        run.skipped()
        run.end()
    lines = text(entries(tmp_path)).splitlines()
    assert [line[:38].split()[1:] for line in lines] == [["verify", "url"], ["behave", "local"], ["smoke", "local"]]
    assert {line.index("21.4 s") for line in lines} == {lines[0].index("21.4 s")}
    assert lines[-1].endswith("All 2 scenarios held. 1 skipped.")
    assert [entry.document()["command"] for entry in entries(tmp_path)][0] == "python3 -m ops verify"


def test_a_run_of_another_schema_is_listed_with_the_reason_why_it_is_not_read(make: Maker, tmp_path: Path) -> None:
    old = make("20261121-080000-abc").journal.path
    old.write_text(old.read_text().replace('"schema": 2', '"schema": 1'))
    [entry] = entries(tmp_path)
    assert words(entry) == (
        "20261121-080000-abc",
        "finished",
        "its journal has schema 1, and this version reads schema 2",
    )
    assert (entry.document()["verdict"], entry.document()["stack"]) == (None, None)


def test_on_a_terminal_what_is_longer_goes_on_below_its_command(make: Maker, tmp_path: Path) -> None:
    run = make("20261121-080000-abc")
    for line in range(20):
        run.failing(line, f"Number {line}")
    run.faulty(state="mismatch")
    run.skipped()
    lines = text(entries(tmp_path), 80).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 80
    assert all(line.startswith(" " * 21 + line.lstrip()[0]) for line in lines[1:])
    assert " ".join(" ".join(lines).split()) == " ".join(text(entries(tmp_path)).split())


def test_without_any_run_it_says_what_makes_one(tmp_path: Path) -> None:
    assert "python3 -m ops verify" in text(entries(tmp_path))


def test_a_run_goes_on_as_long_as_its_process_lives(make: Maker, tmp_path: Path) -> None:
    run = make("20261121-080000-abc")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(run.directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    with holder.stdin, holder.stdout as said:
        assert said.readline() == b"held\n"
        assert [entry.state for entry in entries(tmp_path)] == ["going on"]
        holder.kill()
        holder.wait()
    assert [entry.state for entry in entries(tmp_path)] == ["unfinished"]


def test_a_folder_is_held_for_the_while_and_no_longer(make: Maker) -> None:
    run = Run.open(make("20261121-080000-abc").directory)
    with run.held(), hold(run.directory) as mine:
        assert not mine
    with hold(run.directory) as mine:
        assert mine


def test_the_brief_story_has_the_verdict_of_the_long_one(make: Maker) -> None:
    run = make("20261121-080000-abc")
    whole(run)
    run.write("setup-failed", phase="x", message='"event": "log"')
    with run.journal.path.open("a") as journal:
        journal.write("rubbish\n[1]\n")
    run.end(1)
    assert Record.read(run.journal.path, is_brief=True).verdict == Record.read(run.journal.path).verdict
    assert not Record.read(run.journal.path, is_brief=True).logs


def test_runs_that_go_meanwhile_are_passed_over(make: Maker, tmp_path: Path) -> None:
    make("20261121-080000-abc").end()
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            shutil.rmtree(make("20261122-080000-abc").directory)

    churning = threading.Thread(target=come_and_go)
    churning.start()
    try:
        for _ in range(200):
            assert {entry.directory.name for entry in entries(tmp_path)} >= {"20261121-080000-abc"}
            assert "20261121-080000-abc" in {run.id for run in runs(tmp_path)}
    finally:
        over.set()
        churning.join()

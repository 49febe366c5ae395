"""A journal is written and read by the same models, by many processes, and never half understood."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ops.errors import Exit
from ops.journal.events import RunFinished, RunStarted
from ops.journal.journal import LONGEST_TEXT, Journal, Reader, UnknownSchema, log_lines, read
from ops.journal.record import Record
from ops.tests.journals import event

ROOT = Path(__file__).parents[2]
APPEND = """
import sys
from pathlib import Path
from ops.journal.events import Step
from ops.journal.journal import Journal
journal = Journal(Path(sys.argv[1]))
for number in range(500):
    text = "x" * (number * 37 % 9000)
    journal.write(Step(scenario=sys.argv[2], keyword="Then", text=text, status="passed", line=number))
"""
ONE_HOUR_EAST = timezone(timedelta(hours=1))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    begun = Journal(tmp_path / "journal.jsonl")
    begun.write(event("run-started"))
    return begun


def kinds(journal: Journal) -> list[str]:
    return [one.event for one in read(journal.path)]


def test_an_event_is_one_line_with_its_kind_and_its_time_first_and_comes_back_the_same(tmp_path: Path) -> None:
    noon = datetime(2026, 11, 22, 13, 5, 1, 250_999, tzinfo=ONE_HOUR_EAST)
    journal = Journal(tmp_path / "journal.jsonl", clock=lambda: noon)

    journal.write(RunStarted(run="r", kind="verify", stack="local", left_out="the slow ones"))
    journal.write(RunFinished(exit=0, seconds=1.5))

    first, _ = (json.loads(line) for line in journal.path.read_text().splitlines())
    assert list(first)[:4] == ["event", "ts", "schema", "run"]
    assert (first["ts"], first["schema"], first["leftOut"]) == ("2026-11-22T12:05:01.250Z", 2, "the slow ones")
    written = noon.replace(microsecond=250_000)
    assert list(read(journal.path)) == [
        RunStarted(ts=written, run="r", kind="verify", stack="local", left_out="the slow ones"),
        RunFinished(ts=written, exit=0, seconds=1.5),
    ]


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ('{"schema": 1, "ts": "2026-11-30T04:20:11.040Z", "event": "run-started", "run": "r"}', "has schema 1"),
        ('{"event": "run-started", "ts": "2026-11-30T04:20:11.040Z", "schema": 3}', "has schema 3"),
        ('{"event": "run-started"}', "names no schema"),
        ("not json", "names no schema"),
    ],
)
def test_a_journal_of_another_version_is_refused_and_both_versions_are_named(
    first: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(f'{first}\n{{"event": "log", "ts": "2026-11-30T04:20:11.040Z", "service": "x", "line": {{}}}}\n')

    for reading in (lambda: Record.read(path), lambda: list(log_lines(path, "*"))):
        with pytest.raises(UnknownSchema, match=f"its journal {words}, and this version reads schema 2") as refused:
            reading()
        assert refused.value.exit == Exit.USAGE


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[1]",
        '{"no": "event"}',
        '{"event": "of tomorrow", "ts": "2026-11-30T04:20:11.040Z"}',
        '{"event": "run-finished", "ts": "2026-11-30T04:20:11.040Z", "exit": 0}',
        '{"event": "summary", "ts": "2026-11-30T04:20:11.040Z", "words": "a", "more": "b"}',
    ],
)
def test_a_line_that_is_no_event_of_the_schema_is_reported_by_its_number(journal: Journal, line: str) -> None:
    with journal.path.open("a") as file:
        file.write(f"\n{line}\n")
    journal.write(event("run-finished"))

    assert kinds(journal) == ["run-started", "unreadable", "run-finished"]
    assert [one.number for one in read(journal.path) if one.event == "unreadable"] == [3]  # type: ignore[attr-defined]


def test_secrets_never_reach_the_disk(journal: Journal) -> None:
    journal.write(
        event(
            "request",
            requestHeaders=[["Authorization", "Bearer abcdefghijklmnop"], ["Idempotency-Key", "key-of-mine"]],
            requestBody='{"email": "a@b.test", "password": "hunter2hunter2"}',
            responseBody={"accessToken": "abc.def.ghi"},
        )
    )

    written = journal.path.read_text()
    assert not [secret for secret in ("abcdefghijklmnop", "key-of-mine", "hunter2", "abc.def") if secret in written]
    assert "a@b.test" in written


def test_whatever_a_response_held_can_be_written_and_read_back(journal: Journal) -> None:
    journal.write(event("request", error="\udcff", responseBody=["\x00\ud800 \u2028 é", b"\xff", float("nan")]))

    [_, one] = read(journal.path)
    assert one == event("request", ts=one.ts, error="\udcff", responseBody=["\x00\ud800 \u2028 é", "\ufffd", "NaN"])


def test_an_endless_body_is_cut_and_counted(journal: Journal) -> None:
    journal.write(event("request", responseBody="x" * 1_000_000))

    [_, one] = read(journal.path)
    cut = "x" * LONGEST_TEXT + f"… ({1_000_000 - LONGEST_TEXT} characters more)"
    assert one == event("request", ts=one.ts, responseBody=cut)


def test_two_processes_may_append_at_once(journal: Journal) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", APPEND, str(journal.path), name], env=os.environ | {"PYTHONPATH": str(ROOT)}
        )
        for name in ("a", "b")
    ]
    assert [writer.wait(30) for writer in writers] == [0, 0]

    told = Record.read(journal.path)

    assert told.damaged == 0
    for name in ("a", "b"):
        [lines] = [[step.line for step in one.last.steps] for one in told.scenarios if one.id == name]
        assert lines == list(range(500))


def test_a_half_last_line_is_passed_over_and_spoils_no_other(journal: Journal) -> None:
    with journal.path.open("a") as file:
        file.write('{"event": "st')
    assert kinds(journal) == ["run-started"]

    Journal(journal.path).write(event("run-finished"))

    assert kinds(journal) == ["run-started", "unreadable", "run-finished"]


def test_a_reader_of_a_growing_journal_reads_each_line_once(journal: Journal) -> None:
    reader = Reader(journal.path)
    assert [one.event for one in reader.news()] == ["run-started"]
    journal.write(event("summary", words="half"))
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-5])
    assert list(reader.news()) == []
    journal.path.write_bytes(whole)
    assert [one.event for one in reader.news()] == ["summary"]


def test_only_its_owner_may_read_a_journal(journal: Journal) -> None:
    assert journal.path.stat().st_mode & 0o777 == 0o600

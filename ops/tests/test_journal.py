import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from ops.evidence.journal import LONGEST_TEXT, Journal, read

ROOT = Path(__file__).parents[2]
APPEND = """
import sys
from pathlib import Path
from ops.evidence.journal import Journal
journal = Journal(Path(sys.argv[1]))
for number in range(500):
    journal.write("step", writer=sys.argv[2], number=number, text="x" * (number * 37 % 9000))
"""


def test_an_event_is_one_line_with_schema_time_and_fields(tmp_path: Path) -> None:
    noon = datetime(2026, 11, 22, 13, 5, 1, 250_999, tzinfo=timezone(timedelta(hours=1)))
    journal = Journal(tmp_path / "journal.jsonl", clock=lambda: noon)

    journal.write("run-started", run="r", stack="local")
    journal.write("run-finished", exit=0)

    lines = (tmp_path / "journal.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == {
        "schema": 1,
        "ts": "2026-11-22T12:05:01.250Z",
        "event": "run-started",
        "run": "r",
        "stack": "local",
    }
    assert [event["event"] for event in read(tmp_path / "journal.jsonl")] == ["run-started", "run-finished"]


def test_secrets_never_reach_the_disk(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")

    journal.write(
        "request",
        requestHeaders={"Authorization": "Bearer abcdefghijklmnop", "Idempotency-Key": "key-of-mine"},
        requestBody='{"email": "a@b.test", "password": "hunter2hunter2"}',
        responseBody={"accessToken": "abc.def.ghi"},
    )

    written = (tmp_path / "journal.jsonl").read_text()
    assert not [secret for secret in ("abcdefghijklmnop", "key-of-mine", "hunter2", "abc.def") if secret in written]
    assert "a@b.test" in written


def test_whatever_a_response_held_can_be_written_and_read_back(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")

    journal.write(
        "request", responseBody="\x00\ud800 \u2028 é", raw=b"\xff", ms=float("nan"), at=datetime(2026, 1, 1, tzinfo=UTC)
    )

    [event] = read(tmp_path / "journal.jsonl")
    assert event["responseBody"] == "\x00\ud800 \u2028 é"
    assert (event["raw"], event["ms"], event["at"]) == ("\ufffd", "NaN", "2026-01-01 00:00:00+00:00")


def test_an_endless_body_is_cut_and_counted(tmp_path: Path) -> None:
    Journal(tmp_path / "journal.jsonl").write("request", responseBody="x" * 1_000_000)

    [event] = read(tmp_path / "journal.jsonl")
    assert event["responseBody"] == "x" * LONGEST_TEXT + f"… ({1_000_000 - LONGEST_TEXT} characters more)"


def test_two_processes_may_append_at_once(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    writers = [
        subprocess.Popen([sys.executable, "-c", APPEND, str(path), name], env=os.environ | {"PYTHONPATH": str(ROOT)})
        for name in ("a", "b")
    ]
    assert [writer.wait(30) for writer in writers] == [0, 0]

    events = list(read(path))

    assert len(events) == 1000
    for name in ("a", "b"):
        assert [event["number"] for event in events if event["writer"] == name] == list(range(500))


def test_a_half_last_line_is_passed_over_and_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path).write("run-started")
    with path.open("a") as file:
        file.write('{"schema": 1, "event": "st')
    assert [event["event"] for event in read(path)] == ["run-started"]

    Journal(path).write("run-finished")

    assert [event["event"] for event in read(path)] == ["run-started", "unreadable", "run-finished"]


def test_a_damaged_line_is_reported_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"event": "a"}\nnot json\n[1]\n\n{"no": "event"}\n{"event": "b"}\n')

    assert list(read(path)) == [
        {"event": "a"},
        {"event": "unreadable", "number": 2},
        {"event": "unreadable", "number": 3},
        {"event": "unreadable", "number": 5},
        {"event": "b"},
    ]


def test_only_its_owner_may_read_a_journal(tmp_path: Path) -> None:
    Journal(tmp_path / "journal.jsonl").write("run-started")

    assert (tmp_path / "journal.jsonl").stat().st_mode & 0o777 == 0o600

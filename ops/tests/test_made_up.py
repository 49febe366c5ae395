"""What nobody thought of (Hypothesis): streams for the fault proxy's reader, texts for the journal."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ops.faults.proxy.framing import request_frame
from ops.journal.events import Step
from ops.journal.journal import Journal, read
from ops.tests.journals import event

EVERY = settings(max_examples=100, deadline=None, derandomize=True)
PIECES = st.lists(
    st.binary(max_size=40)
    | st.sampled_from(
        [
            b"GET / HTTP/1.1\r\n",
            b"Host: a\r\n",
            b"\r\n",
            b"Content-Length: 3\r\n",
            b"abc",
            b"Transfer-Encoding: chunked\r\n",
        ]
    ),
    max_size=8,
)


@EVERY
@given(PIECES)
def test_a_stream_is_one_message_wherever_it_is_cut(pieces: list[bytes]) -> None:
    whole, cut = request_frame(), request_frame()
    beyond = whole.feed(b"".join(pieces)) if any(pieces) else b""
    rest = b"".join(cut.feed(bytes([one])) for one in b"".join(pieces))
    assert (whole.complete, whole.readable) == (cut.complete, cut.readable)
    if whole.complete:
        assert cut.head == whole.head and rest[: len(beyond)] == beyond[: len(rest)]


@EVERY
@given(st.text(st.characters(codec=None), max_size=200))
def test_the_journal_gives_back_what_was_written(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder, "journal.jsonl"))
        journal.write(event("run-started"))
        journal.write(Step(scenario="s", keyword="Then", text=text, status="passed", line=1))
        _, step = read(journal.path)
        assert isinstance(step, Step)
        assert step.text.encode("utf-8", "replace") == text.encode("utf-8", "replace")


@EVERY
@given(st.binary(max_size=200))
def test_a_line_that_is_no_event_spoils_none(line: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder, "journal.jsonl"))
        journal.write(event("run-started"))
        with journal.path.open("ab") as file:
            file.write(line.replace(b"\n", b" ") + b"\n")
        journal.write(Step(scenario="s", keyword="Then", text="after", status="passed", line=1))
        assert [one.event for one in read(journal.path)][0] == "run-started"
        assert [one for one in read(journal.path) if isinstance(one, Step)][0].text == "after"

"""`ops smoke` as a user calls it."""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ops.errors import Exit
from ops.journal.record import Record
from ops.journal.runs import runs
from ops.quality.results import Tally, of_junit
from ops.report import listing
from ops.smoke.page import copy_of
from ops.stacks import layout
from ops.stacks.layout import OPS, ROOT
from ops.tests import calls
from ops.tests.smoke.pages import get, page, step

pytestmark = pytest.mark.whole


NAME = "t-smoke"
CALL = [*calls.OPS, "smoke"]
smoke = partial(calls.called, "smoke")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """The page of one test, whose runs are no evidence of anything."""
    page = tmp_path / "page.md"
    yield page
    for run in runs(OPS)[:10]:
        if str(page) in Record.read(run.journal.path).command:
            shutil.rmtree(run.directory)


def test_the_list_is_told_with_what_came_instead_and_written_back(url: str, file: Path) -> None:
    file.write_text(page(step(get("/healthz")), step(get("/healthz", "wrong"), "201"), step(get("/token"))))
    done = smoke("--base-url", url, "--page", str(file), "--tick")
    assert done.returncode == Exit.FAILED
    failed, request, verdict, report, ticked = done.stdout.splitlines()
    assert failed == "failed: GET /healthz: it is there (status is 200, not 201)"
    assert request.startswith("    request smoke.wrong-")
    assert request.endswith("the logs of a stack at a URL cannot be read from here")
    assert verdict == "2 of 3 held"
    assert report.removeprefix("report: ").endswith("/report.html")
    assert "✓  1 GET /healthz: it is there" in done.stderr
    assert "✗  2 GET /healthz: it is there" in done.stderr
    assert "│ status is 200, not 201" in done.stderr
    assert "│ request ID: smoke.wrong-" in done.stderr
    copy = copy_of(file)
    assert f", {url}, commit " in copy.read_text()
    assert ticked == f"ticked: {copy} shows this run"
    assert (copy.read_text().count("- [x]"), file.read_text().count("- [x]")) == (2, 0)


def test_a_run_leaves_its_evidence_without_secrets(url: str, file: Path) -> None:
    file.write_text(
        page(step(get("/token", "t") + ' | tee "$LAST"\nTOKEN=$(value)', "201"), step(get("/x", "x"), "200"))
    )
    done = smoke("--base-url", url, "--page", str(file))
    directory = (ROOT / done.stdout.splitlines()[-1].removeprefix("report: ")).parent
    assert of_junit(*(directory / "junit").glob("*.xml")) == Tally(failed=2)
    assert (Record.read(directory / "journal.jsonl").stack, Record.read(directory / "journal.jsonl").base_url) == (
        "url",
        url,
    )
    evidence = "".join(path.read_text() for path in directory.rglob("*") if path.is_file())
    assert "urn:problem:product-not-found" in evidence
    assert "sesame" not in evidence + done.stdout + done.stderr
    assert "hunter22" not in evidence + done.stdout + done.stderr


def test_the_answer_to_each_step_is_in_its_report_without_secrets(url: str, file: Path) -> None:
    file.write_text(page(step(get("/list")), step(get("/token"))))
    done = smoke("--base-url", url, "--page", str(file))
    directory = (ROOT / done.stdout.splitlines()[-1].removeprefix("report: ")).parent
    scenarios = Record.read(directory / "journal.jsonl").scenarios
    (_, listed), (_, token) = (one.last.steps for one in scenarios)
    (request,) = scenarios[0].last.requests
    assert (request.method, request.url, request.status) == ("GET", f"{url}/list", 200)
    assert request.request_id.startswith("smoke.it-")
    assert "items" in request.response_body
    assert (listed.keyword, listed.text, listed.status) == ("Then", "it answers 200", "passed")
    assert listed.doc_string.startswith("HTTP/1.0 200 OK\n")
    assert '"id": "b"' in listed.doc_string
    assert '"accessToken": "***"' in token.doc_string


def test_a_run_says_what_called_it_so_that_it_can_be_copied(url: str, tmp_path: Path) -> None:
    file = tmp_path / "my page.md"
    file.write_text(page(step(get("/healthz"))))
    done = smoke("--base-url", url, "--page", str(file))
    directory = (ROOT / done.stdout.splitlines()[-1].removeprefix("report: ")).parent
    command = Record.read(directory / "journal.jsonl").command
    shutil.rmtree(directory)
    assert shlex.split(command) == ["python3", "-m", "ops", "smoke", "--base-url", url, "--page", str(file)]


def test_without_tick_the_page_stays_as_it_is(url: str, file: Path) -> None:
    file.write_text(page(step(get("/healthz"))))
    done = smoke("--base-url", url, "--page", str(file))
    assert (done.returncode, file.read_text()) == (Exit.HELD, page(step(get("/healthz"))))


def test_a_run_that_skipped_a_step_ticks_nothing_and_says_so(url: str, file: Path) -> None:
    steps = step(get("/healthz")), step(get("/healthz", "own"), title="`GET /healthz`: words (needs `grant`)")
    file.write_text(page(*steps))
    copy_of(file).write_text("the run before")
    done = smoke("--base-url", url, "--page", str(file), "--tick")
    assert (done.returncode, copy_of(file).read_text()) == (Exit.FAILED, "the run before")
    skipped, verdict, _, untold = done.stdout.splitlines()
    assert skipped == "skipped: GET /healthz: words (the stack has no grant)"
    assert verdict == "1 of 2 held, 1 skipped"
    assert untold == f"not ticked: {copy_of(file)} shows a run that follows every step, and this one skipped 1"


def test_ctrl_c_leaves_the_page_as_it_is(url: str, file: Path) -> None:
    file.write_text(page(step(get("/healthz")), step(get("/slow"))))
    call = [*CALL, "--base-url", url, "--page", str(file), "--tick"]
    with subprocess.Popen(call, cwd=ROOT, stderr=subprocess.PIPE, text=True) as going:
        assert going.stderr is not None
        assert "✓  1" in going.stderr.readline()
        time.sleep(0.3)
        going.send_signal(signal.SIGINT)
        assert going.wait(10) == Exit.INTERRUPTED
    assert file.read_text() == page(step(get("/healthz")), step(get("/slow")))
    assert [child.name for child in file.parent.iterdir()] == [file.name]
    told = [Record.read(run.journal.path) for run in runs(OPS)[:5]]
    assert [story.is_interrupted for story in told if str(url) == story.base_url][:1] == [True]


def test_while_it_goes_on_nobody_removes_its_run(url: str, file: Path) -> None:
    file.write_text(page(step(get("/healthz")), step(get("/slow"))))
    with subprocess.Popen([*CALL, "--base-url", url, "--page", str(file)], cwd=ROOT, stderr=subprocess.PIPE) as going:
        assert going.stderr is not None
        going.stderr.readline()
        mine = [entry for entry in listing.entries(OPS)[:5] if entry.record and entry.record.base_url == url]
        going.send_signal(signal.SIGINT)
    assert [entry.state for entry in mine[:1]] == ["going on"]


def test_a_page_that_is_none_is_wrong_usage(url: str, file: Path) -> None:
    file.write_text(page())
    done = smoke("--base-url", url, "--page", str(file))
    assert done.returncode == Exit.USAGE
    assert done.stderr.startswith(f"{file}, line 9: ## Smoke checklist needs ")


def test_a_page_in_another_encoding_is_wrong_usage(url: str, file: Path) -> None:
    file.write_bytes(page(step(get("/healthz"))).replace("Words", "W\xf6rter").encode("latin-1"))
    done = smoke("--base-url", url, "--page", str(file))
    assert done.returncode == Exit.USAGE
    assert "is not UTF-8: byte " in done.stderr


def test_a_run_in_which_nothing_held_is_no_success(url: str, file: Path) -> None:
    file.write_text(page(step(get("/healthz"), title="`GET /healthz`: words (needs `grant`)")))
    done = smoke("--base-url", url, "--page", str(file))
    assert (done.returncode, done.stdout.splitlines()[-2]) == (Exit.FAILED, "0 of 1 held, 1 skipped")


def test_a_stack_that_does_not_answer_is_not_ready(file: Path) -> None:
    file.write_text(page(step(get("/healthz"))))
    done = smoke("--base-url", "http://127.0.0.1:1", "--page", str(file))
    assert done.returncode == Exit.NOT_READY
    assert done.stderr.endswith("http://127.0.0.1:1 cannot be reached: connection refused\n")


def test_a_stack_comes_up_for_the_while_and_one_that_is_up_stays(file: Path) -> None:
    file.write_text(page(step('echo "$STACK is at $BASE_URL"; ' + get("/healthz"))))
    try:
        assert calls.process("smoke", "--name", NAME, "--page", str(file)).returncode == Exit.HELD
        assert NAME not in layout.names()
        assert calls.process("up", "--name", NAME, "--port", "0").returncode == 0
        assert smoke("--name", NAME, "--page", str(file)).returncode == Exit.HELD
        assert NAME in layout.names()
        assert smoke("--name", NAME, "--stack", "compose").returncode == Exit.USAGE
    finally:
        assert calls.called("down", "--name", NAME).returncode == 0

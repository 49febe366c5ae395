"""`python3 -m ops report` as it is called."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from ops.errors import Exit
from ops.stacks.layout import ROOT
from ops.tests.calls import called, process
from ops.tests.journals import RUN, MadeUpRun
from ops.tests.runs.conftest import Maker

pytestmark = pytest.mark.whole


report = partial(called, "report")


@pytest.fixture
def run(make: Maker) -> MadeUpRun:
    made = make("20261121-080000-abc")
    made.passing()
    made.end()
    return made


def test_where_it_is_made_anew_from_an_old_journal(run: MadeUpRun) -> None:
    page = run.directory / "report.html"
    done = report(str(run.directory))
    assert (done.returncode, (ROOT / done.stdout.strip()).resolve()) == (0, page)
    page.write_text("old")
    assert report(str(run.directory)).returncode == 0
    assert page.read_text() == "old"
    said = json.loads(report(str(run.directory), "--rebuild", "--json").stdout)
    assert "The one scenario held." in page.read_text()
    assert (said["report"], said["verdict"]["passed"], said["words"]) == (str(page), 1, "The one scenario held.")


def test_it_opens_in_the_browser_or_says_that_there_is_none(run: MadeUpRun, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\necho $1 > {tmp_path}/opened\n")
    browser.chmod(0o755)
    assert process("report", str(run.directory), "--open", BROWSER=str(browser)).returncode == 0
    assert (tmp_path / "opened").read_text().strip() == (run.directory / "report.html").as_uri()
    none = process("report", str(run.directory), "--open", BROWSER="false", PATH="/nowhere", DISPLAY="")
    assert none.returncode == Exit.FAILED
    assert "there is no browser here that could open it; the report is " in none.stderr


def test_two_runs_compared_tell_by_the_exit_code_whether_something_broke(run: MadeUpRun, make: Maker) -> None:
    worse = make("20261122-080000-abc")
    worse.finish(worse.start(12, "A signed-in customer orders a product"), "failed")
    worse.end(1)
    done = report("--compare", str(run.directory), str(worse.directory))
    assert (done.returncode, "broke: 1" in done.stdout) == (Exit.FAILED, True)
    back = report("--compare", str(worse.directory), str(run.directory), "--json")
    assert (back.returncode, len(json.loads(back.stdout)["mended"])) == (Exit.HELD, 1)


@pytest.mark.parametrize("is_before", [True, False])
def test_a_run_that_never_came_up_is_not_compared(run: MadeUpRun, make: Maker, is_before: bool) -> None:
    dead = make("20261122-080000-abc")
    dead.write("setup-failed", phase="StackNotReady", message="orders ended", log=[])
    dead.end(4)
    done = report("--compare", *map(str, [dead.directory, run.directory][:: 1 if is_before else -1]))
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert "20261122-080000-abc has no scenarios to compare: The stack did not get ready." in done.stderr


def test_runs_of_different_things_are_not_compared(run: MadeUpRun, make: Maker) -> None:
    smoke = make("20261122-080000-abc")
    smoke.write("run-started", run=smoke.directory.name, kind="smoke")
    smoke.passing(feature="../docs/operations")
    smoke.end()
    done = report("--compare", str(run.directory), str(smoke.directory))
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert done.stderr == f"{RUN} (verify) and 20261122-080000-abc (smoke) have no scenario in common\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-run"], "there is no run"),
        (["--list", "--prune"], "--list and --prune are two things"),
        (["--keep", "3"], "--keep, --older-than and --dry-run belong to --prune"),
        (["--prune"], "--prune needs to know what stays"),
        (["--prune", "--older-than", "14 days"], "'14 days' is no age; one looks like 14d, 36h or 2w"),
        (["--prune", "--keep", "-1"], "-1 is not in the range"),
        (["--list", "abc"], "--list is about all runs"),
    ],
)
def test_wrong_usage_is_one_clear_line(arguments: list[str], said: str) -> None:
    done = report(*arguments)
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr

"""`endure` as a user calls it: on the services as they are, and on copies of the tree with a bug planted in them."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from ops.errors import Exit
from ops.evidence.story import Story
from ops.evidence.teller import tell
from ops.report.headline import account
from ops.stacks import processes
from ops.stacks.layout import ROOT

CALL = [sys.executable, "-c", "import sys; from ops.cli import main; sys.exit(main(sys.argv[1:]))", "endure", "--json"]
Plant: TypeAlias = Callable[[Path], None]


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1, f"{file.name} has no longer exactly one {old!r}"
    file.write_text(text.replace(old, new))


def no_unique_key(services: Path) -> None:
    """Each request believes that the key is its own: nothing in the database contradicts."""
    store = services / "orders" / "store.py"
    replace(store, '        primary_key = peewee.CompositeKey("user_id", "key")\n', "")
    replace(store, "_Key.get_or_none(_is_key(claim))", "_Key.get_or_none(_is_key(claim) & (_Key.owner == claim.owner))")


def answer_before_commit(services: Path) -> None:
    """The order is written a moment after it was acknowledged."""
    late = (
        "    def add(self, order: Order, claim: Claim | None) -> bool:\n"
        "        import threading\n\n"
        "        threading.Timer(0.2, self.add_now, (order, claim)).start()\n"
        "        return True\n\n"
        "    def add_now(self, order: Order, claim: Claim | None) -> bool:\n"
    )
    replace(services / "orders" / "store.py", "    def add(self, order: Order, claim: Claim | None) -> bool:\n", late)


def key_after_order(services: Path) -> None:
    """Two transactions: first the order, a moment later the key that it was placed with."""
    both = """        def insert() -> bool:
            if claim and not _Key.update(order_id=order.id).where(_is_held(claim)).execute():
                return False
            self._insert.rows(**_columns(order))
            return True

        return self._database.write(insert)
"""
    one_by_one = """        self._database.write(lambda: self._insert.rows(**_columns(order)))
        __import__("time").sleep(0.2)
        held = _Key.update(order_id=order.id).where(_is_held(claim)) if claim else None
        return held is None or bool(self._database.write(held.execute))
"""
    replace(services / "orders" / "store.py", both, one_by_one)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what `endure` needs, without the tests."""
    for name in ("services", "gateway", "ops"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    return tmp_path


def is_gone(tree: Path) -> bool:
    place = tree / ".ops" / "endure"
    return processes.of(place) == [] and not place.exists()


def endured(tree: Path, rounds: int, seed: int = 7) -> tuple[int, dict[str, Any]]:
    call = [*CALL, "--rounds", str(rounds), "--customers", "8", "--seed", str(seed)]
    done = subprocess.run(call, cwd=tree, capture_output=True, text=True)
    assert done.stdout, done.stderr
    assert is_gone(tree)
    return done.returncode, json.loads(done.stdout)


def reported(tree: Path, said: dict[str, Any]) -> Story:
    assert (tree / said["report"]).is_file()
    return tell((tree / said["report"]).parent / "journal.jsonl")


def test_nothing_is_lost_or_doubled_in_three_rounds(tree: Path) -> None:
    code, said = endured(tree, rounds=3)
    assert (code, said["violations"]) == (Exit.HELD, [])
    story = reported(tree, said)
    assert [scenario.name for scenario in story.scenarios] == ["Round 1", "Round 2", "Round 3", "The end"]
    assert story.verdict.ok
    assert account(story)[0].startswith(
        f"{said['acknowledged']:,} orders were acknowledged, and each is there exactly "
    )
    assert [(fault.scenario, fault.state) for fault in story.faults] == [
        (f"endure:{n}", "confirmed") for n in (1, 2, 3)
    ]
    assert said["rounds"] == 3
    assert said["acknowledged"] > 20
    assert 0 < said["recoveryMs"]["median"] <= said["recoveryMs"]["max"] < 30_000
    assert (tree / said["history"]).exists()


def test_an_interrupted_run_leaves_no_trace(tree: Path) -> None:
    with subprocess.Popen([*CALL, "--rounds", "9"], cwd=tree, stderr=subprocess.PIPE, text=True) as going:
        assert going.stderr
        assert any("round 1:" in line for line in going.stderr)
        going.send_signal(signal.SIGINT)
        _, said = going.communicate(timeout=30)
    assert re.search(r"interrupted; so far \d+ acknowledged, .* \(seed \d+\); report: .*/report.html\n", said)
    assert going.returncode == Exit.INTERRUPTED
    assert is_gone(tree)
    (report,) = (tree / ".ops" / "runs").glob("*/report.html")
    story = tell(report.parent / "journal.jsonl")
    assert story.interrupted
    assert story.scenarios[0].status == "passed"


def test_a_stack_that_does_not_come_up_is_in_the_report(tree: Path) -> None:
    (tree / "services" / "orders" / "app.py").write_text("raise RuntimeError('planted')\n")
    done = subprocess.run([*CALL, "--rounds", "2"], cwd=tree, capture_output=True, text=True)
    assert done.returncode == Exit.NOT_READY, done.stderr
    assert is_gone(tree)
    (report,) = (tree / ".ops" / "runs").glob("*/report.html")
    story = tell(report.parent / "journal.jsonl")
    assert (story.exit, [failure.phase for failure in story.setup_failures]) == (Exit.NOT_READY, ["StackNotReady"])
    assert "planted" in "".join(story.setup_failures[0].log)


@pytest.mark.parametrize(
    ("plant", "wrong"), [(no_unique_key, "doubled"), (key_after_order, "doubled"), (answer_before_commit, "lost")]
)
def test_a_planted_bug_is_found(tree: Path, plant: Plant, wrong: str) -> None:
    """At the first round in which a kill meets it, which is now the first and now the fourth."""
    plant(tree / "services")
    code, said = endured(tree, rounds=12)
    assert code == Exit.FAILED
    assert said[wrong] > 0, said
    assert any(words.startswith(f"{wrong}: order ") for words in said["violations"])
    assert list((tree / said["history"]).parent.glob("stack/logs/orders.log"))
    story = reported(tree, said)
    assert f" {said[wrong]} {wrong}" in account(story)[0]
    (broken,) = story.of_status("failed")
    assert said["violations"][0] in broken.reason
    operation = re.search(r"operation (c\d+-\d+)", said["violations"][0])
    assert operation and f"{operation[1]}.1-{said['run']}" in story.logs, (
        "what happened to it is kept, and can be traced"
    )

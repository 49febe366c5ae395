"""The endurance feature finds what it is for: a bug planted in a copy of the tree, and the request to look at."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from ops.errors import Exit
from ops.journal.record import Record
from ops.stacks import processes
from ops.stacks.layout import ROOT

pytestmark = pytest.mark.whole


CALL = [sys.executable, "-c", "import sys; from ops.cli import main; sys.exit(main(sys.argv[1:]))", "verify"]
Plant: TypeAlias = Callable[[Path], None]


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1, f"{file.name} has no longer exactly one {old!r}"
    file.write_text(text.replace(old, new))


def no_unique_key(services: Path) -> None:
    """Each request believes that the key is its own: nothing in the database contradicts."""
    replace(
        services / "orders" / "migrations" / "0001_first.sql",
        '    order_id TEXT,\n    PRIMARY KEY (user_id, "key")\n',
        "    order_id TEXT\n",
    )
    store = services / "orders" / "store.py"
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


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree, without the tests; what Python has compiled goes along."""
    for name in ("services", "gateway", "ops", "features"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("tests", "*.pyc.*"))
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    return tmp_path


def verified(tree: Path, rounds: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, Record]:
    monkeypatch.setenv("CI", "true")
    defined = [f"-D{name}={value}" for name, value in {"rounds": rounds, "customers": 8, "seed": 7}.items()]
    done = subprocess.run([*CALL, "--tags", "@endurance", *defined], cwd=tree, capture_output=True, text=True)
    assert processes.of(tree / ".ops" / "verify") == [], "nothing of the stack is left"
    (journal,) = (tree / ".ops" / "runs").glob("*/journal.jsonl")
    return done.returncode, Record.read(journal)


@pytest.mark.parametrize(("plant", "wrong"), [(no_unique_key, "doubled"), (answer_before_commit, "lost")])
def test_a_planted_bug_is_found_and_its_figures_stand_in_the_report(
    tree: Path, plant: Plant, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first round in which a kill meets it, or when the keys are repeated at the end."""
    plant(tree / "services")
    code, story = verified(tree, 12, monkeypatch)
    (scenario,) = story.scenarios
    assert (code, scenario.status) == (Exit.FAILED, "failed")
    assert re.search(rf"\b{wrong} [1-9]", scenario.reason), scenario.reason
    plan, account, *recovery = next(step.doc_string for step in scenario.last.steps if step.error).splitlines()
    assert re.fullmatch(r"rounds \d+ of 12, customers 8, seed 7", plan)
    assert re.match(r"acknowledged [1-9]\d*, ", account)
    assert not recovery or recovery[0].startswith("kill → next acknowledged order: median ")
    assert f"[{scenario.last.suspect}]" in scenario.reason, "the request to look at is one that shows it"
    assert scenario.last.suspect in story.logs, "what happened to it is kept, and can be traced"


def test_userdata_without_a_value_is_wrong_usage() -> None:
    done = subprocess.run([*CALL, "-D", "rounds"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, "'rounds' is not NAME=VALUE" in done.stderr) == (Exit.USAGE, True)

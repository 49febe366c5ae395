"""Old runs go; what goes on, what is young and what is no run stays."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.journal.runs import Pruned, Rule, Run, folders, prune
from ops.report.listing import text_of_pruned
from ops.tests.runs.conftest import Maker

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NAMES = [f"202611{day:02}-080000-abc" for day in (24, 23, 22, 21, 20)]


@pytest.fixture(autouse=True)
def five(make: Maker) -> None:
    for name in NAMES:
        make(name).end()


def pruned(tmp_path: Path, *, dry: bool = False, keep: int | None = None, days: int | None = None) -> Pruned:
    return prune(folders(tmp_path), Rule(keep, None if days is None else timedelta(days)), NOW, dry=dry)


def left(tmp_path: Path) -> list[str]:
    return sorted((path.name for path in (tmp_path / "runs").iterdir()), reverse=True)


@pytest.mark.parametrize(
    ("keep", "days", "stay"),
    [(2, None, 2), (0, None, 0), (9, None, 5), (None, 2, 2), (None, 0, 0), (3, 1, 3), (1, 2, 2)],
)
def test_the_newest_and_the_young_stay(tmp_path: Path, keep: int | None, days: int | None, stay: int) -> None:
    done = pruned(tmp_path, keep=keep, days=days)
    assert left(tmp_path) == NAMES[:stay]
    assert (len(done.removed), done.kept) == (5 - stay, stay)


def test_a_dry_run_only_tells(tmp_path: Path) -> None:
    said = text_of_pruned(pruned(tmp_path, dry=True, keep=4)).splitlines()
    assert said[0] == f"{NAMES[4]}  would be removed"
    assert said[1].startswith("1 would be removed (0.0 MB), 4 kept")
    assert left(tmp_path) == NAMES


@pytest.mark.parametrize("dry", [False, True])
def test_a_run_that_goes_on_stays(tmp_path: Path, dry: bool) -> None:
    with Run.open(tmp_path / "runs" / NAMES[4]).held():
        done = pruned(tmp_path, keep=0, dry=dry)
    assert f"{NAMES[4]}  is going on, and stays" in text_of_pruned(done)
    assert done.kept == 1
    assert left(tmp_path) == (NAMES if dry else [NAMES[4]])


def test_one_that_began_after_the_list_was_made_stays_too(tmp_path: Path) -> None:
    found = folders(tmp_path)
    with Run.open(tmp_path / "runs" / NAMES[0]).held():
        assert prune(found, Rule(keep=0), NOW, dry=False).kept == 1
    assert left(tmp_path) == [NAMES[0]]


def test_one_that_somebody_else_has_removed_is_gone(tmp_path: Path) -> None:
    found = folders(tmp_path)
    shutil.rmtree(tmp_path / "runs" / NAMES[4])
    assert prune(found, Rule(keep=4), NOW, dry=False).kept == 4


def test_what_cannot_be_removed_is_told_by_its_name(tmp_path: Path) -> None:
    found = folders(tmp_path)
    shutil.rmtree(tmp_path / "runs" / NAMES[4])
    (tmp_path / "runs" / NAMES[4]).symlink_to(tmp_path)
    with pytest.raises(OpsError, match=f"{NAMES[4]} cannot be removed: "):
        prune(found, Rule(keep=4), NOW, dry=False)
    assert left(tmp_path) == NAMES


def test_nothing_outside_the_runs_is_touched(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    (tmp_path / "runs" / "20261101-080000-abc").symlink_to(outside)
    (tmp_path / "runs" / NAMES[4] / "stack").symlink_to(outside)
    (tmp_path / "runs" / "notes").mkdir()
    pruned(tmp_path, keep=0)
    assert left(tmp_path) == ["notes", "20261101-080000-abc"]
    assert (outside / "precious").exists()

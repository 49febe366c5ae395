"""What CI reads of `ops test`: its own results, whatever else has left runs."""

from __future__ import annotations

from pathlib import Path

from ops.quality.results import fresh, gathered


def run(home: Path, name: str, *features: str) -> Path:
    for feature in features:
        file = home / name / "junit" / f"{feature}.xml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return home / name


def test_only_the_runs_that_are_named_are_gathered(tmp_path: Path) -> None:
    run(tmp_path, "of-a-test", "orders")
    local, compose, broken = run(tmp_path, "a", "orders", "users"), run(tmp_path, "b", "orders"), run(tmp_path, "c")
    found = gathered([local, compose, broken], tmp_path / "junit")
    assert [str(file.relative_to(tmp_path / "junit")) for file in found] == [
        "a/orders.xml",
        "a/users.xml",
        "b/orders.xml",
    ]
    assert [file.read_text() for file in found] == ["a", "a", "b"]


def test_nothing_of_an_earlier_call_is_left(tmp_path: Path) -> None:
    folder = fresh(tmp_path / "junit")
    (folder / "unit-tests.xml").touch()
    assert list(fresh(folder).iterdir()) == []

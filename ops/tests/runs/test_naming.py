"""A run is found by what people call it; a name that fits none, or several, is answered with the nearest."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.errors import WrongUsage
from ops.journal import runs
from ops.tests.runs.conftest import Maker

OLD, NEW = "20261121-080000-abc", "20261122-090000-xyz"


@pytest.fixture(autouse=True)
def two(make: Maker) -> None:
    make(OLD)
    make(NEW)


@pytest.mark.parametrize(
    ("name", "found"), [("latest", NEW), (OLD, OLD), ("abc", OLD), ("20261121", OLD), ("20261122-09", NEW)]
)
def test_names(tmp_path: Path, name: str, found: str) -> None:
    assert runs.find(tmp_path, name).id == found


def test_the_folder_of_a_run_from_elsewhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "artifact"
    (tmp_path / "runs" / OLD).rename(elsewhere)
    assert runs.find(tmp_path, str(elsewhere)).directory == elsewhere


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("20261121-080000-abd", f"there is no run '20261121-080000-abd'; the nearest: {OLD}"),
        ("nonsense", f"there is no run 'nonsense'; the nearest: {NEW}, {OLD}"),
        ("202611", f"'202611' are 2 runs: {NEW}, {OLD}"),
        ("", "'' are 2 runs"),
    ],
)
def test_a_bad_name_is_answered_with_the_nearest(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        runs.find(tmp_path, name)
    assert str(refused.value).startswith(said)


def test_without_any_run_it_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="python3 -m ops verify"):
        runs.find(tmp_path / "nowhere")


def test_a_request_id_names_its_run(tmp_path: Path) -> None:
    found = runs.of_request(tmp_path, f"orders.place_order.L12.3-{OLD}")
    assert found is not None
    assert found.id == OLD
    assert runs.of_request(tmp_path, "orders.place_order.L12.3-20261121-080000-zzz") is None
    assert runs.of_request(tmp_path, f"orders.*-{OLD}x") is None

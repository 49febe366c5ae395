"""Names, folders and the hold on a stack."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ops.errors import WrongUsage
from ops.stacks import layout
from ops.stacks.layout import Layout


@pytest.mark.parametrize("name", ["", "runs", "..", "a/b", "A", "-a", "_a", "a" * 64, "a b", "ä"])
def test_a_name_that_could_leave_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="no stack name"):
        Layout(name, tmp_path)


def test_a_name_that_compose_gives_projects_is_one(tmp_path: Path) -> None:
    assert Layout("my_app-1", tmp_path).directory == tmp_path / "my_app-1"


def test_only_one_holds_a_stack(tmp_path: Path) -> None:
    first, second = Layout("a", tmp_path), Layout("a", tmp_path)
    with first.held(), pytest.raises(WrongUsage, match="another ops call"), second.held(patience=0.1):
        pass
    with second.held(patience=0):
        pass


def test_holding_and_removing_by_turns_never_lets_two_in(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def come_and_go(number: int) -> None:
        for _ in range(40):
            place = Layout("a", tmp_path)
            with place.held(patience=20):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)
                place.remove()

    with ThreadPoolExecutor() as pool:
        list(pool.map(come_and_go, range(4)))
    assert len(most) == 160
    assert max(most) == 1


def test_two_names_are_held_at_the_same_time(tmp_path: Path) -> None:
    with Layout("a", tmp_path).held(), Layout("b", tmp_path).held():
        assert layout.names(tmp_path) == ["a", "b"]


def test_clearing_keeps_the_hold(tmp_path: Path) -> None:
    place = Layout("a", tmp_path)
    with place.held():
        place.make()
        place.clear()
        assert list(place.directory.iterdir()) == []
        with pytest.raises(WrongUsage, match="another ops call"), Layout("a", tmp_path).held(patience=0):
            pass


def test_removing_the_last_stack_removes_the_home(tmp_path: Path) -> None:
    place = Layout("a", tmp_path / ".ops")
    place.directory.mkdir(parents=True)
    place.remove()
    assert not place.home.exists()


def test_removing_keeps_the_evidence(tmp_path: Path) -> None:
    place = Layout("a", tmp_path)
    place.make()
    (tmp_path / "runs").mkdir()
    place.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]

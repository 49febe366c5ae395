"""A stack of Swarm has the database that the Compose file names for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.cli import cli
from ops.errors import WrongUsage
from ops.stacks import kinds, registry
from ops.stacks.swarm.stack import SwarmStack
from ops.system import DATABASE, FILE, current, use
from ops.tests.shop import SHOP

NAME = "t-swarm"


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(DATABASE, "")
    yield
    monkeypatch.undo()
    current.cache_clear()


def test_nobody_has_to_name_it() -> None:
    found = registry.of_kind(NAME, kinds.SWARM)
    assert isinstance(found, SwarmStack) and SHOP.swarm
    assert found.system.database == current().database == SHOP.swarm.database == "postgres"
    assert found.system.files == (SHOP.file, SHOP.databases["postgres"], SHOP.swarm.file)


def test_another_one_is_refused() -> None:
    use("sqlite")
    with pytest.raises(WrongUsage, match="on Swarm the data is in postgres, not in sqlite: leave out --database"):
        registry.of_kind(NAME, kinds.SWARM)


@pytest.mark.parametrize("command", ["up", "verify", "bench"])
def test_how_many_replicas_there_can_be_is_judged_by_it(command: str) -> None:
    with pytest.raises(WrongUsage, match="^postgres cannot have 2 replicas: "):
        call = [command, "--stack", "swarm", "--name", NAME, "--scale", "orders=2", "--scale", "postgres=2"]
        cli.main(call, standalone_mode=False)


def test_a_system_that_names_no_file_for_swarm_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "compose.yml"
    file.write_text('x-ops: {gateway: front}\nservices: {front: {image: a, expose: ["80"]}}\n')
    monkeypatch.setenv(FILE, str(file))
    current.cache_clear()
    with pytest.raises(WrongUsage, match="compose.yml names no file for Swarm"):
        registry.of_kind(NAME, kinds.SWARM)

"""`ops test` sees to it that there is what some tests need of the machine's packages, where it may."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.browser import INSTALL
from ops.progress import Progress
from ops.provision import postgresql
from ops.quality import packages
from ops.quality.packages import Need
from ops.stacks.layout import ROOT


class Machine:
    """One with or without a program, on which it may be installed or not."""

    def __init__(self, *, has_one: bool, may: bool = True) -> None:
        self.has_one, self._may, self.installed = has_one, may, 0

    @property
    def need(self) -> Need:
        return Need("The program", "the tests with it", "install it yourself", lambda: self.has_one, self._install)

    def _install(self) -> bool:
        self.installed += 1
        return self._may


@pytest.mark.parametrize(("has_one", "installed"), [(True, 0), (False, 1)])
def test_a_program_is_installed_only_where_there_is_none(has_one: bool, installed: int) -> None:
    machine = Machine(has_one=has_one)

    packages.provide(Progress(quiet=True), [machine.need])

    assert machine.installed == installed


def test_where_it_may_not_be_installed_it_is_said_what_is_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    packages.provide(Progress(), [Machine(has_one=False, may=False).need])

    assert "the tests with it are skipped: install it yourself" in " ".join(capsys.readouterr().err.split())


def test_a_browser_and_a_database_are_needed() -> None:
    assert [(need.name, need.advice) for need in packages.NEEDS] == [
        ("Chromium", INSTALL),
        ("PostgreSQL", postgresql.INSTALL),
    ]


def test_postgresql_comes_without_a_cluster_and_its_service_is_not_enabled(tmp_path: Path) -> None:
    settings, deeds = tmp_path / "createcluster.conf", []

    def install(package: str) -> bool:
        if not settings.exists():
            settings.write_text("start_conf = 'auto'")
        deeds.append((package, "create_main_cluster = false" in settings.read_text().splitlines()))
        return True

    assert postgresql.install(settings, install, lambda unit: deeds.append((unit, False)))
    assert deeds == [("postgresql-common", False), ("postgresql", True), ("postgresql", False)]
    assert settings.read_text() == "start_conf = 'auto'"


def test_postgresql_is_looked_for_where_its_server_looks() -> None:
    theirs = (ROOT / "services" / "postgres" / "server.py").read_text()
    assert f'"{postgresql.DEBIAN}"' in theirs
    assert f'which("{postgresql.PROGRAM}")' in theirs
    assert f'glob("{postgresql.BELOW}")' in theirs

"""What Docker needs is installed where it is missing: its program, its daemon, or both."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.progress import Progress
from ops.provision import package
from ops.provision.docker import NoEngine

QUIET = Progress(quiet=True)


class Machine:
    """One on which `dockerd` is, or comes with the package, or cannot be had."""

    def __init__(self, *, has: bool = False, may: bool = True, works: bool = True) -> None:
        self.has, self.may, self.works, self.installed = has, may, works, 0

    def find(self) -> str | None:
        return "/usr/sbin/dockerd" if self.has else None

    def install(self) -> bool:
        self.installed += 1
        self.has = self.may and self.works
        return self.may


def test_what_is_there_is_used() -> None:
    machine = Machine(has=True)
    assert package.provide("dockerd", machine.find, QUIET, machine.install) == "/usr/sbin/dockerd"
    assert machine.installed == 0


def test_a_daemon_that_is_missing_beside_its_program_is_installed() -> None:
    machine = Machine()
    assert package.provide("dockerd", machine.find, QUIET, machine.install) == "/usr/sbin/dockerd"
    assert machine.installed == 1


@pytest.mark.parametrize("machine", [Machine(may=False), Machine(works=False)])
def test_what_cannot_be_installed_is_told_with_what_to_do(machine: Machine) -> None:
    with pytest.raises(NoEngine, match=r"dockerd is not installed: install it with `apt-get install docker\.io`"):
        package.provide("dockerd", machine.find, QUIET, machine.install)


def test_dockerd_is_found_where_a_users_path_lacks_sbin(tmp_path: Path) -> None:
    assert package.path({"PATH": str(tmp_path)}).split(":") == [str(tmp_path), "/usr/sbin", "/sbin"]

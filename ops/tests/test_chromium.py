"""`ops test` sees to it that there is a browser, where it may."""

import pytest

from ops.browser import INSTALL
from ops.progress import Progress
from ops.suite import chromium


class Machine:
    """One with or without Chromium, on which it may be installed or not."""

    def __init__(self, *, has_one: bool, may: bool = True) -> None:
        self.has_one, self._may, self.installed = has_one, may, 0

    def find(self) -> str | None:
        return "/usr/bin/chromium" if self.has_one else None

    def install(self) -> bool:
        self.installed += 1
        return self._may


@pytest.mark.parametrize(("has_one", "installed"), [(True, 0), (False, 1)])
def test_a_browser_is_installed_only_where_there_is_none(has_one: bool, installed: int) -> None:
    machine = Machine(has_one=has_one)

    chromium.provide(Progress(quiet=True), machine.find, machine.install)

    assert machine.installed == installed


def test_where_it_may_not_be_installed_it_is_said_what_is_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    machine = Machine(has_one=False, may=False)

    chromium.provide(Progress(), machine.find, machine.install)

    assert f"the tests in a browser are skipped: {INSTALL}" in " ".join(capsys.readouterr().err.split())

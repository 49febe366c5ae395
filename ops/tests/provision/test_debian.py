"""Packages are installed by one call at a time, and no service starts meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ops import debian


def test_who_ends_first_leaves_the_policy_to_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_is_over, both_install = threading.Event(), threading.Event()
    saw: list[bool] = []

    def apt(*arguments: str) -> bool:
        if "first" in arguments:
            both_install.wait(0.3)
        else:
            both_install.set()
            assert first_is_over.wait(60)
            saw.append(debian.POLICY.exists())
        return True

    def install(name: str) -> None:
        assert debian.install(name)
        if name == "first":
            first_is_over.set()

    monkeypatch.setattr(debian, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(debian, "TURN", tmp_path / "turn")
    monkeypatch.setattr(debian, "may_install", lambda: True)
    monkeypatch.setattr(debian, "_apt", apt)
    first, second = (threading.Thread(target=install, args=[name]) for name in ("first", "second"))
    first.start()
    while not debian.POLICY.exists():
        first.join(0.01)
    second.start()
    for each in (first, second):
        each.join()
    assert saw == [True] and not debian.POLICY.exists()

"""Runs made up in a folder of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from ops.tests.journals import MadeUpRun

Maker: TypeAlias = Callable[[str], MadeUpRun]


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """A run of that name, begun, below `tmp_path`/runs."""

    def made(name: str) -> MadeUpRun:
        directory = tmp_path / "runs" / name
        directory.mkdir(parents=True)
        run = MadeUpRun(directory)
        run.begin()
        return run

    return made

"""The JUnit files of `ops test`: of its unit tests and its own runs, and of none that a test lets fail on purpose."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from ops.stacks.layout import OPS

FOLDER = OPS / "runs" / "junit"


def fresh(folder: Path = FOLDER) -> Path:
    """The folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def gathered(runs: Iterable[Path], folder: Path) -> list[Path]:
    """The files of these runs, put below `folder` by the name of their run."""
    return [file for run in runs for file in _copied(run / "junit", folder / run.name)]


def _copied(files: Path, to: Path) -> list[Path]:
    return sorted(shutil.copytree(files, to).glob("*.xml")) if files.is_dir() else []

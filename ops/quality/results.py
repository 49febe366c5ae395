"""How many passed, failed and were skipped, by the JUnit files of `ops test`.

These are of its unit tests and its own runs, and of none that a test lets fail on purpose.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from ops.stacks.layout import OPS

FOLDER = OPS / "runs" / "junit"


@dataclass(frozen=True)
class Tally:
    """Counts that can be added up, starting from the empty one."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def of_junit(*files: Path) -> Tally:
    """The cases in JUnit files; an error counts as a failure, and a missing file as one."""
    return sum((_of_file(file) for file in files), Tally())


def _of_file(file: Path) -> Tally:
    if not file.exists():
        return Tally(failed=1)
    cases = ElementTree.parse(file).getroot().findall(".//testcase")  # noqa: S314  # written by our own run
    failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return Tally(len(cases) - failed - skipped, failed, skipped)


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

"""Runs and where their evidence lies: `.ops/runs/<run>/`."""

import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.evidence.journal import Clock, Journal, utc_now

_BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
ID: Final = re.compile(r"\d{8}-\d{6}-[0-9a-z]{3}")
"""How runs are named; nothing else in the folder of runs is one."""


@dataclass(frozen=True)
class Run:
    """One run: `id` is its UTC time and three random characters, as `20261122-230501-k3f`, so runs sort by age."""

    id: str
    directory: Path
    journal: Journal

    @classmethod
    def begin(cls, ops_dir: Path, *, clock: Clock = utc_now, draw: Callable[[str], str] = secrets.choice) -> "Run":
        """A new run with its own directory below `ops_dir`/runs; two that begin in the same second get two."""
        while True:
            suffix = "".join(draw(_BASE36) for _ in range(3))
            directory = ops_dir / "runs" / f"{clock():%Y%m%d-%H%M%S}-{suffix}"
            try:
                directory.mkdir(parents=True)
            except FileExistsError:
                continue
            return cls.open(directory)

    @classmethod
    def open(cls, directory: Path) -> "Run":
        """The run whose evidence lies in `directory`, to add to or to report on."""
        return cls(directory.name, directory, Journal(directory / "journal.jsonl"))

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While it goes on, so that nobody removes it; a process that ends lets go of it, however it ends."""
        with hold(self.directory):
            yield


@contextlib.contextmanager
def hold(directory: Path) -> Iterator[bool]:
    """Be the only one who holds a run's folder; False where somebody does already."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield _grasped(handle)
    finally:
        os.close(handle)


def _grasped(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def runs(ops_dir: Path) -> list[Run]:
    """Every run below `ops_dir`/runs that has a journal, newest first."""
    journals = (ops_dir / "runs").glob("*/journal.jsonl")
    aged = [(age, path.parent) for path in journals if ID.fullmatch(path.parent.name) and (age := _age(path))]
    return list(_opened(folder for _, folder in sorted(aged, reverse=True)))


def _age(journal: Path) -> tuple[str, int] | None:
    """What runs are sorted by; None for one that somebody removes just now."""
    with contextlib.suppress(FileNotFoundError):
        return journal.parent.name[:15], journal.stat().st_mtime_ns
    return None


def _opened(folders: Iterable[Path]) -> Iterator[Run]:
    for folder in folders:
        with contextlib.suppress(FileNotFoundError):
            yield Run.open(folder)


def latest(ops_dir: Path) -> Run | None:
    """The newest run, or None if there was none yet."""
    return next(iter(runs(ops_dir)), None)

"""Runs and where their evidence lies: `.ops/runs/<run>/`."""

from __future__ import annotations

import contextlib
import difflib
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from ops.errors import OpsError, WrongUsage
from ops.journal.events import RUN_ID, Event
from ops.journal.journal import Clock, Journal, utc_now
from ops.journal.record import Growing, Record

LATEST: Final = "latest"
JOURNAL: Final = "journal.jsonl"
_BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_IN_REQUEST_ID: Final = re.compile(rf"-({RUN_ID.pattern})$")


@dataclass(frozen=True)
class Run:
    """One run: `id` is its UTC time and three random characters, as `20261122-230501-k3f`, so runs sort by age."""

    id: str
    directory: Path
    journal: Journal

    @classmethod
    def begin(cls, ops_dir: Path, *, clock: Clock = utc_now, draw: Callable[[str], str] = secrets.choice) -> Run:
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
    def open(cls, directory: Path) -> Run:
        """The run whose evidence lies in `directory`, to add to or to report on."""
        return cls(directory.name, directory, Journal(directory / JOURNAL))

    def news(self) -> Iterator[Event]:
        """What its journal got since anybody asked last, for this or for the record."""
        return self._growing.news()

    @property
    def record(self) -> Record:
        """What its journal tells by now, of which each line is read once. Raises as Reader does."""
        return self._growing.caught_up()

    @cached_property
    def _growing(self) -> Growing:
        return Growing(self.journal.path)

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


def runs(ops_dir: Path) -> list[Run]:
    """Every run below `ops_dir`/runs that has a journal, newest first."""
    journals = (ops_dir / "runs").glob(f"*/{JOURNAL}")
    aged = [(age, path.parent) for path in journals if RUN_ID.fullmatch(path.parent.name) and (age := _age(path))]
    return list(_opened(folder for _, folder in sorted(aged, reverse=True)))


def folders(ops_dir: Path) -> list[Path]:
    """Those of all runs, newest first; what is no folder of a run, or a link to elsewhere, is none."""
    found = [path for path in (ops_dir / "runs").glob("*") if RUN_ID.fullmatch(path.name)]
    real = [path for path in found if path.is_dir() and not path.is_symlink()]
    return sorted(real, key=lambda path: path.name, reverse=True)


def find(ops_dir: Path, name: str = LATEST) -> Run:
    """The run of that name, or whose name begins or ends like that, `latest`, or the folder of one from elsewhere.

    Raises WrongUsage, with the nearest names, when there is none or there are several.
    """
    if (Path(name) / JOURNAL).is_file():
        return Run.open(Path(name).resolve())
    known = runs(ops_dir)
    if name == LATEST and known:
        return known[0]
    matching = [run for run in known if run.id.startswith(name) or run.id.endswith(f"-{name}")]
    if len(matching) == 1:
        return matching[0]
    raise WrongUsage(_refusal(name, [run.id for run in matching], [run.id for run in known]))


def of_request(ops_dir: Path, request_id: str) -> Run | None:
    """The run that a request ID names at its end, if it is here."""
    named = _IN_REQUEST_ID.search(request_id)
    journal = ops_dir / "runs" / named[1] / JOURNAL if named else None
    return Run.open(journal.parent) if journal and journal.is_file() else None


@dataclass(frozen=True)
class Rule:
    """What is kept: the newest `keep` runs, and what is younger than `age`; what is left out keeps nothing."""

    keep: int | None = None
    age: timedelta | None = None

    def old(self, found: list[Path], now: datetime) -> list[Path]:
        """Of the folders of all runs, newest first, those that may go."""
        beyond = found[self.keep or 0 :]
        return [folder for folder in beyond if self.age is None or now - _began(folder) > self.age]


@dataclass(frozen=True)
class Pruned:
    """What was, or would be, removed, with its size in bytes; `going_on` are old too, but not over."""

    removed: dict[str, int]
    going_on: list[str]
    kept: int
    is_dry_run: bool


def prune(found: list[Path], rule: Rule, now: datetime, *, dry: bool) -> Pruned:
    """Remove those of all folders that the rule lets go; with `dry` only say so.

    Raises OpsError when the file system refuses.
    """
    old = {folder: size(folder) for folder in rule.old(found, now)}
    gone = {folder.name: bytes_ for folder, bytes_ in old.items() if _removed(folder, dry=dry)}
    left = [folder.name for folder in old if folder.name not in gone]
    return Pruned(gone, left, len(found) - len(gone), dry)


def size(folder: Path) -> int:
    """Of all that is in it, in bytes."""
    return sum(file.lstat().st_size for file in folder.rglob("*"))


def _removed(folder: Path, *, dry: bool) -> bool:
    """Whether it is, or would be."""
    try:
        with hold(folder) as is_ours:
            if is_ours and not dry:
                shutil.rmtree(folder)
            return is_ours
    except FileNotFoundError:
        return True
    except OSError as refused:
        raise OpsError(f"{folder.name} cannot be removed: {refused}") from None


def _began(folder: Path) -> datetime:
    """As its name says."""
    return datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


def _grasped(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _age(journal: Path) -> tuple[str, int] | None:
    """What runs are sorted by; None for one that somebody removes just now."""
    with contextlib.suppress(FileNotFoundError):
        return journal.parent.name[:15], journal.stat().st_mtime_ns
    return None


def _opened(found: Iterable[Path]) -> Iterator[Run]:
    for folder in found:
        with contextlib.suppress(FileNotFoundError):
            yield Run.open(folder)


def _refusal(name: str, matching: list[str], known: list[str]) -> str:
    if matching:
        return f"{name!r} are {len(matching)} runs: {_some(matching)}"
    if not known:
        return "there is no run yet; `python3 -m ops verify` makes one"
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or known[:3]
    return f"there is no run {name!r}; the nearest: {_some(near)} (all of them: python3 -m ops report --list)"


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")

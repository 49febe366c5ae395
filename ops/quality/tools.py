"""What `ops test` runs, in the order of how soon it can tell that something is wrong."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from ops.interruption import ended_with_us
from ops.progress import Progress
from ops.quality import engine
from ops.quality.results import gathered
from ops.quality.tally import Tally, of_junit
from ops.stacks import kinds, local
from ops.stacks.layout import OPS, ROOT

Part: TypeAlias = Callable[[Progress, Path], Tally]

BIN = Path(sys.executable).parent


def ruff_format(progress: Progress, results: Path) -> Tally:
    """The layout of the code."""
    return _tool("format", [BIN / "ruff", "format", "--check", "--quiet", "."], progress)


def ruff_check(progress: Progress, results: Path) -> Tally:
    """The rules of pyproject.toml."""
    return _tool("lint", [BIN / "ruff", "check", "--quiet", "."], progress)


def mypy(progress: Progress, results: Path) -> Tally:
    """The types, strictly."""
    return _tool("types", [BIN / "mypy", "--no-error-summary"], progress)


def import_contracts(progress: Progress, results: Path) -> Tally:
    """Who may import whom."""
    return _tool("import contracts", [BIN / "lint-imports", "--no-cache"], progress)


def unit_tests(progress: Progress, results: Path) -> Tally:
    """Every test beside the code that it tests."""
    return _pytest("unit tests", ["-m", "not measures", "-n", "auto", "--dist", "loadfile"], progress, results)


def measurements(progress: Progress, results: Path) -> Tally:
    """The tests that compare speeds: one at a time, with nothing beside them."""
    return _pytest("measurements", ["-m", "measures"], progress, results)


def verify_local(progress: Progress, results: Path) -> Tally:
    """The main job, as a user calls it."""
    return _verify(local.KIND, progress, results)


def verify_compose(progress: Progress, results: Path) -> Tally:
    """The same on Docker Engine, where there is one."""
    if lacking := engine.missing(progress):
        progress.say(f"- verify --stack compose is skipped: {lacking}", "skip")
        return Tally(skipped=1)
    return _verify(kinds.COMPOSE, progress, results)


def verify_minute(progress: Progress, results: Path) -> Tally:
    """What has to hold for a whole minute."""
    return _verify(local.KIND, progress, results, "--tags", "@slow.minute")


def _pytest(name: str, which: Sequence[str], progress: Progress, results: Path) -> Tally:
    report = results / f"{name.replace(' ', '-')}.xml"
    tool = _tool(name, [sys.executable, "-m", "pytest", "-q", *which, f"--junitxml={report}"], progress)
    return _counted(tool, of_junit(report))


def _verify(kind: str, progress: Progress, results: Path, *which: str) -> Tally:
    before, which = set(_runs()), which or ("--slow",)
    command = [sys.executable, "-m", "ops", "verify", "--stack", kind, *which]
    tool = _tool(f"verify {' '.join(which)} on {kind}", command, progress)
    return _counted(tool, of_junit(*gathered(set(_runs()) - before, results)))


PARTS: Sequence[Part] = (
    ruff_format,
    ruff_check,
    import_contracts,
    mypy,
    unit_tests,
    measurements,
    verify_local,
    verify_minute,
    verify_compose,
)


def _runs() -> Sequence[Path]:
    return list((OPS / "runs").glob("*"))


def _counted(tool: Tally, cases: Tally) -> Tally:
    """The single cases, and the tool itself where it failed though none of them did."""
    return cases + tool if tool.failed and not cases.failed else cases


def _tool(name: str, command: Sequence[str | Path], progress: Progress) -> Tally:
    began = time.monotonic()
    progress.say(f"… {name}", "dim")
    tool = subprocess.Popen(command, cwd=ROOT, start_new_session=True)  # noqa: S603  # the tools of this list
    with ended_with_us([tool]):
        good = tool.wait() == 0
    seconds = time.monotonic() - began
    progress.say(f"{'✓' if good else '✗'} {name} ({seconds:.1f} s)", "ok" if good else "bad")
    return Tally(passed=1) if good else Tally(failed=1)

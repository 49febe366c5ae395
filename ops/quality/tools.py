"""What `ops test` runs: stage by stage, in the order of how soon each can tell that something is wrong."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ops import bootstrap
from ops.interruption import ended_with_us
from ops.progress import Progress
from ops.provision import postgresql
from ops.quality import engine
from ops.quality.results import Tally, gathered, of_junit
from ops.report.listing import Entry
from ops.stacks import kinds, local
from ops.stacks.layout import OPS, ROOT
from ops.system import System, current, read

BIN = Path(sys.executable).parent
WORKERS = max(2, (os.cpu_count() or 2) * 3 // 2)
"""Of pytest: more than there are processors, as tests wait, those that start whole stacks half of their time."""

TESTS_FAILED = 1
"""Of pytest: all tests ran, and some failed."""
FEW = 10
"""Failed tests that may have lacked time; more of them have another cause."""


@dataclass(frozen=True)
class Runner:
    """Runs tools whose results lie in `results`; what one says that runs `aside` is shown when it has ended."""

    progress: Progress
    results: Path
    running: list[subprocess.Popen[bytes]]
    ending: threading.Event
    """Once it is set, no tool is started any more, and one that was just then is asked to end."""
    aside: bool = False

    def run(self, name: str, command: Sequence[str | Path]) -> Tally:
        """One tool, which passed or failed."""
        return _judged(self.code(name, command))

    def code(self, name: str, command: Sequence[str | Path]) -> int | None:
        """One tool's exit code, None where it was not started."""
        if self.ending.is_set():
            return None
        began = time.monotonic()
        self.progress.say(f"… {name}", "dim")
        tool = subprocess.Popen(  # noqa: S603  # the tools of this list
            command,
            cwd=ROOT,
            env=_environment(),
            start_new_session=True,
            stdout=subprocess.PIPE if self.aside else None,
            stderr=subprocess.STDOUT if self.aside else None,
        )
        self.running.append(tool)
        if self.ending.is_set():
            tool.send_signal(signal.SIGINT)
        said, _ = tool.communicate()
        seconds, good = time.monotonic() - began, tool.returncode == 0
        if said:
            sys.stdout.write(said.decode(errors="replace"))
            sys.stdout.flush()
        self.progress.say(f"{'✓' if good else '✗'} {name} ({seconds:.1f} s)", "ok" if good else "bad")
        return tool.returncode


def _judged(code: int | None) -> Tally:
    return Tally() if code is None else Tally(passed=int(code == 0), failed=int(code != 0))


Part: TypeAlias = Callable[[Runner], Tally]


def ruff_format(runner: Runner) -> Tally:
    """The layout of the code."""
    return runner.run("format", [BIN / "ruff", "format", "--check", "--quiet", "."])


def ruff_check(runner: Runner) -> Tally:
    """The rules of pyproject.toml."""
    return runner.run("lint", [BIN / "ruff", "check", "--quiet", "."])


def mypy(runner: Runner) -> Tally:
    """The types, strictly."""
    return runner.run("types", [BIN / "mypy", "--no-error-summary"])


def import_contracts(runner: Runner) -> Tally:
    """Who may import whom."""
    return runner.run("import contracts", [BIN / "lint-imports", "--no-cache"])


def unit_tests(runner: Runner) -> Tally:
    """Every test beside the code that it tests."""
    beside = ["-n", str(WORKERS), "--dist", "loadfile", "--no-loadscope-reorder"]
    return _pytest("unit tests", ["-m", "not measures"], runner, beside)


def quick_tests(runner: Runner) -> Tally:
    """The tests that start nothing large."""
    return _pytest("quick tests", ["-m", "not measures and not whole", *unloaded()], runner, ["-n", str(WORKERS)])


def measurements(runner: Runner) -> Tally:
    """The tests that compare speeds: one at a time, with nothing beside them."""
    return _pytest("measurements", ["-m", "measures", *measured()], runner)


def measured() -> list[str]:
    """The files with such tests: to load the others, too, takes longer than some of these tests."""
    return [str(file) for file in _with("mark.measures")]


def unloaded() -> list[str]:
    """Leaves the files alone that have nothing but tests of what is large: their libraries take seconds to load."""
    return [f"--ignore={file}" for file in _with("\npytestmark = pytest.mark.whole\n")]


def _with(text: str) -> list[Path]:
    files = (file for folder in ("services", "features", "ops") for file in (ROOT / folder).rglob("test_*.py"))
    return sorted(file for file in files if text in file.read_text())


def verify_local(runner: Runner) -> Tally:
    """The main job, as a user calls it."""
    return _verify(runner, "--stack", local.KIND, "--slow")


def verify_replicas(runner: Runner) -> Tally:
    """What several replicas must not change, with each database of a stack's own with which there can be several."""
    if not postgresql.find():
        runner.progress.say(f"- verify with replicas is skipped: {postgresql.INSTALL}", "skip")
        return Tally(skipped=1)
    systems = [read(current().file, database) for database in current().databases]
    return sum((_with_replicas(runner, system) for system in systems if not system.is_elsewhere), Tally())


def _with_replicas(runner: Runner, system: System) -> Tally:
    several = [one.name for one in system.services if not one.single]
    scale = [word for name in several for word in ("--scale", f"{name}=2")]
    return _verify(
        runner, "--name", "verify-replicas", "--database", str(system.database), *scale, "--tags", "@replicas"
    )


def verify_compose(runner: Runner) -> Tally:
    """The same on Docker Engine, where there is one."""
    if lacking := engine.missing(runner.progress):
        runner.progress.say(f"- verify --stack compose is skipped: {lacking}", "skip")
        return Tally(skipped=1)
    return _verify(runner, "--stack", kinds.COMPOSE, "--name", "verify-compose", "--slow")


def verify_processes(runner: Runner) -> Tally:
    """On local stacks."""
    return verify_replicas(runner) + verify_local(runner)


STAGES: Sequence[Sequence[Part]] = (
    (ruff_format, ruff_check, import_contracts),
    (unit_tests, mypy),
    (measurements,),
    (verify_processes, verify_compose),
)
"""The parts of a stage run at the same time, each but the first aside."""


def run(stage: Sequence[Part], progress: Progress, results: Path) -> Tally:
    """All parts of one stage, to their end. An interruption is passed on to their tools, which clean up first."""
    running: list[subprocess.Popen[bytes]] = []
    ending = threading.Event()
    runners = [Runner(progress, results, running, ending, aside=number > 0) for number in range(len(stage))]
    with ThreadPoolExecutor(len(stage)) as pool, ended_with_us(running):
        try:
            return sum(pool.map(lambda part, runner: part(runner), stage, runners), Tally())
        except BaseException:
            ending.set()
            raise


def _environment() -> dict[str, str]:
    """Ours; of the hundreds of processes that tests start, none compiles what another one has compiled."""
    return {name: value for name, value in bootstrap.environment().items() if name != "PYTHONDONTWRITEBYTECODE"}


def _pytest(name: str, which: Sequence[str], runner: Runner, beside: Sequence[str] = ()) -> Tally:
    """Run the tests. A few that fail `beside` each other run once more one at a time, and that counts.

    On a machine that is too busy a few fail; both results are shown.
    """
    code, found = _tests(name, [*which, *beside], runner)
    if not (beside and code == TESTS_FAILED and found.failed <= FEW):
        return found
    _, alone = _tests(f"{name} alone", [*which, "--last-failed", "--last-failed-no-failures=none"], runner)
    return Tally(found.passed + alone.passed, alone.failed, found.skipped + alone.skipped)


def _tests(name: str, which: Sequence[str], runner: Runner) -> tuple[int | None, Tally]:
    report, cache = runner.results / f"{name.replace(' ', '-')}.xml", runner.results / "cache"
    call = [sys.executable, "-m", "pytest", "-q", *which, f"--junitxml={report}", "-o", f"cache_dir={cache}"]
    code = runner.code(name, call)
    return code, _counted(_judged(code), of_junit(report))


def _verify(runner: Runner, *arguments: str) -> Tally:
    before, call = set(_runs()), ("-m", "ops", "verify", *arguments)
    tool = runner.run(f"verify {' '.join(arguments)}", [sys.executable, *call])
    records = {run: Entry.of(run).record for run in set(_runs()) - before}
    own = [run for run, record in records.items() if record and record.command == shlex.join(["python3", *call])]
    return _counted(tool, of_junit(*gathered(own, runner.results)))


def _runs() -> Sequence[Path]:
    return list((OPS / "runs").glob("*"))


def _counted(tool: Tally, cases: Tally) -> Tally:
    """The single cases, and the tool itself where it failed though none of them did."""
    return cases + tool if tool.failed and not cases.failed else cases

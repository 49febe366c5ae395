"""Runs of every kind, written with their reports."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from ops.journal.events import Measurement
from ops.smoke import record
from ops.smoke.page import Page
from ops.smoke.walk import Result
from ops.tests.journals import MadeUpRun, reported
from ops.tests.smoke import pages

Making: TypeAlias = Callable[[Path], None]

PLANTED: Final = Path(__file__).with_name("planted.jsonl")
"""Four scenarios of a real run of `verify` against services whose one retry had been taken out."""
MANY: Final = tuple(range(10, 110, 10))
"""The lines of the scenarios of `many` that fail."""
HOSTILE: Final = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`${x}\x00\ud800 {{ 7*7 }} &amp;"


def passing(directory: Path) -> None:
    """All held; one was skipped."""
    run = MadeUpRun(directory)
    run.begin()
    run.passing()
    run.passing(20, "A second order is another order")
    run.faulty()
    run.skipped()
    run.end()


def failing(directory: Path) -> None:
    """The planted bug."""
    shutil.copyfile(PLANTED, directory / "journal.jsonl")


def mixed(directory: Path) -> None:
    """Everything that may become of a scenario."""
    MadeUpRun(directory).every_outcome()


def unrecovered(directory: Path) -> None:
    """Two recoveries that failed, one after a step that failed too."""
    run = MadeUpRun(directory)
    run.begin()
    run.unrecovered()
    run.unrecovered(40, is_broken=False)
    run.end(1)


def many(directory: Path) -> None:
    """Ten that failed among others that held; one of the first made two hundred requests."""
    run = MadeUpRun(directory)
    run.begin()
    for line in MANY:
        run.failing(line, f"Number {line} of many that are refused", count=200 if line == MANY[1] else 3)
        run.passing(line + 5, f"Number {line + 5} of many that hold, in more words than a line of a phone has")
    run.end(1)


def raw(directory: Path) -> None:
    """A request of plain bytes, and one that was too long to be kept."""
    run = MadeUpRun(directory)
    run.begin()
    scenario = run.start(53, "The path is judged as it stands", feature="gateway/routing")
    run.ask(scenario, 1, 404, rawTarget="/users/./me", requestBody="GET /users/./me HTTP/1.1\r\n\r\n")
    run.ask(scenario, 2, 400, rawTarget="/long", requestBody="GET /long… and 16000 bytes more", isCut=True)
    run.finish(scenario)
    run.end()


def setup_failure(directory: Path) -> None:
    """The stack did not come up."""
    run = MadeUpRun(directory)
    run.begin()
    log = ["Traceback (most recent call last):", "OSError: [Errno 98] Address already in use"]
    run.write("setup-failed", phase="StackNotReady", message="orders ended with exit code 1", log=log)
    run.end(4)


def interrupted(directory: Path) -> None:
    """Ctrl-C in the second scenario."""
    run = MadeUpRun(directory)
    run.begin()
    run.passing()
    scenario = run.start(40, "A scenario that never ended", "P7-01.1")
    run.step(scenario, "Given", "a signed-in customer")
    run.end(130, interrupted=True)


def elsewhere(directory: Path) -> None:
    """A failure on a stack that is known by its URL alone."""
    run = MadeUpRun(directory)
    run.begin("url")
    run.failing()
    run.end(1)


def hostile(directory: Path) -> None:
    """Text that would be markup, script or a template if anything let it."""
    run = MadeUpRun(directory)
    run.begin()
    scenario = run.start(1, HOSTILE, HOSTILE, "P7-01.1")
    run.ask(scenario, 1, None, HOSTILE, error=HOSTILE)
    run.step(scenario, HOSTILE, HOSTILE, "failed", error=HOSTILE, table=[[HOSTILE], [HOSTILE]], docString=HOSTILE)
    run.write("fault", scenario=scenario, kind=HOSTILE, target=HOSTILE, state=HOSTILE, ms=1, detail=HOSTILE)
    run.finish(scenario, "failed", HOSTILE)
    run.end(1)


def checklist(directory: Path) -> None:
    """A step of docs/smoke.md, as `ops smoke` tells of it."""
    run = MadeUpRun(directory)
    run.begin()
    [read] = Page.read(pages.page(pages.step(pages.get("/healthz")))).steps
    step, file = replace(read, line=47), "docs/smoke.md"
    record.begin(run.journal, file, step)
    came = 'HTTP/1.1 200 OK\nContent-Type: application/json\n\n{"status":"ok"}'
    record.end(run.journal, file, Result(step, "held", came=came, request_id="smoke.health-1", seconds=0.02))
    run.end()


def benched(directory: Path) -> None:
    """Two stacks under load, one measurement of which does not count."""
    run = MadeUpRun(directory)
    run.write("run-started", kind="bench", command="python3 -m ops bench --peers")
    stacks = {"own": "this checkout", "other": "the same by others"}
    machine = {"cpu": "a processor", "cores": "2", "wrk": "4.1.0"}
    run.write("bench-started", rounds=1, seconds=1, stacks=stacks, machine=machine)
    for request in ("POST /things", "GET /things?limit=20"):
        for connections in (2, 16, 64):
            for stack, factor in (("own", 1), ("other", 2)):
                void = (
                    "3 answers were not 2xx" if (request, connections, stack) == ("POST /things", 64, "other") else ""
                )
                run.journal.write(measurement(request, connections, stack, factor, void))
    run.end(1)


def soaked(directory: Path) -> None:
    """One stack under load for long, a service of which leaks memory."""
    run = MadeUpRun(directory)
    run.write("run-started", kind="bench", command="python3 -m ops bench --rounds 12")
    run.write("bench-started", rounds=12, seconds=1, stacks={"own": "this checkout"}, machine={})
    for number in range(1, 13):
        held = {
            "memory": {"things": (9 + number) * 2**20, "edge": 20 * 2**20},
            "descriptors": {"things": 30, "edge": 9},
        }
        run.journal.write(measurement(connections=1).model_copy(update={"round": number, **held}))
    run.end()


def measurement(
    request: str = "POST /things", connections: int = 2, stack: str = "own", factor: float = 1, void: str = ""
) -> Measurement:
    """One in which all figures but the memory grow with `factor`."""
    return Measurement(
        round=1,
        request=request,
        connections=connections,
        stack=stack,
        seconds=1.0,
        acknowledged=round(250 * factor),
        errors=3 if void else 0,
        p50=1.0 * factor * connections,
        p90=2.0 * factor * connections,
        p99=4.0 * factor * connections,
        longest=9.0 * factor * connections,
        cpu={"things": 0.5 * factor, "gateway": 0.05 * factor},
        memory={"things": 50 * 2**20, "gateway": 20 * 2**20},
        void=void,
    )


def empty(directory: Path) -> None:
    """A journal without a word."""
    (directory / "journal.jsonl").touch()


RUNS: Final[Mapping[str, Making]] = {
    made.__name__.replace("_", "-"): made
    for made in (
        passing,
        failing,
        mixed,
        unrecovered,
        many,
        raw,
        setup_failure,
        interrupted,
        elsewhere,
        hostile,
        checklist,
        benched,
        soaked,
        empty,
    )
}


def written(name: str, directory: Path) -> Path:
    """The report of the run of that name, newly written below `directory`."""
    folder = directory / name
    if not folder.exists():
        folder.mkdir()
        RUNS[name](folder)
        reported(folder)
    return folder / "report.html"

"""`bench`: how fast the stack is, at what cost, beside itself earlier or beside others that do the same."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence

import click

from ops.bench import peers as others
from ops.bench import results, wrk
from ops.bench.load import Generator
from ops.bench.machine import load_average, machine
from ops.bench.open_loop import OpenLoop
from ops.bench.rounds import Plan, record
from ops.bench.source import Features
from ops.bench.subject import Subject
from ops.bench.table import Now, text
from ops.commands import options
from ops.errors import Exit, OpsError, WrongUsage
from ops.journal import runs
from ops.journal.events import BenchPlan, RunStarted
from ops.journal.measurements import Bench
from ops.journal.runs import Run
from ops.outcome import Outcome
from ops.progress import Progress
from ops.report.headline import of_bench
from ops.run import evidence, versions
from ops.run.ending import concluded
from ops.stacks import loan, local, registry, sweeping
from ops.stacks.layout import OPS
from ops.stacks.model import Stack, UpOptions
from ops.system import current, require_scale, server, use

NAME = "bench"
OWN = "own"
CLOSED = (2, 16, 64)
OPEN = (64,)
MOST = 512


def numbers(value: str) -> tuple[int, ...]:
    """Whole numbers with commas between them, each from 1 to MOST, none twice."""
    words = value.split(",")
    found = tuple(int(word) for word in words if word.isdecimal() and 1 <= int(word) <= MOST)
    if len(set(found)) != len(words):
        raise click.BadParameter(f"{value!r} are not numbers from 1 to {MOST}, as in 2,16,64")
    return found


@click.command()
@click.option("--name", default=NAME, show_default=True, help="The name of the stack that comes and goes with the run.")
@options.stack
@options.database
@options.scale
@click.option(
    "--connections",
    type=numbers,
    help="Numbers of connections; each is measured in turn.  [default: 2,16,64; with --rate 64]",
)
@click.option(
    "--rate",
    type=options.Number(0, 100_000, min_open=True),
    help="Send this many requests a second, however long answers take (open loop).",
)
@click.option(
    "--rounds",
    type=options.Whole(1, 100),
    default=3,
    show_default=True,
    help="How many rounds; the figures are their medians.",
)
@click.option("--seconds", type=options.Whole(1, 600), default=3, show_default=True, help="How long each load lasts.")
@click.option("--only", multiple=True, metavar="REQUEST", help="One kind of request alone, by its name.")
@click.option("--peers", is_flag=True, help="Also load other implementations of the same contract, in turns.")
@click.option("--compare", metavar="RUN", help="Also the ratios to an earlier run's figures.")
@options.as_json
def bench(
    name: str,
    stack: str,
    database: str | None,
    scale: Mapping[str, int] | None,
    connections: tuple[int, ...] | None,
    rate: float | None,
    rounds: int,
    seconds: int,
    only: tuple[str, ...],
    peers: bool,
    compare: str | None,
    as_json: bool,
) -> Outcome:
    """Load a stack through its gateway: throughput, latency, CPU and memory for each kind of request."""
    load = load_average()
    if database:
        use(database)
    sweeping.sweep(registry.environment())
    own = registry.of_kind(name, stack)
    require_scale(current(), scale or {})
    source, progress = Features(registry.environment()), Progress()
    counts = connections or (OPEN if rate else CLOSED)
    plan = Plan(_kinds(source, only), counts, rounds, seconds)
    then = _earlier(compare, rate) if compare else None
    generator, version = _generator(rate, progress)
    up_options = UpOptions(0, ephemeral=True, scale=scale, server=server(database))
    subjects = [Subject(OWN, "this checkout", own, up_options, source)]
    if peers:
        subjects += _peers(own, stack, source, progress)
    labels = {one.name: one.label for one in subjects}
    figures = Bench(
        BenchPlan(
            loop="open" if rate else "closed",
            rate=rate,
            rounds=rounds,
            seconds=seconds,
            stacks=labels,
            machine={"load before": load},
        )
    )
    with contextlib.ExitStack() as borrowed:
        for subject in subjects:
            borrowed.enter_context(loan.of(subject.stack))
        run = Run.begin(OPS)
        with run.held(), concluded(run) as ending, borrowed.pop_all():
            with _evidence(run, subjects, figures):
                _up(run, subjects, figures, stack, version, progress)
                record(plan, subjects, generator, figures, run, progress)
            ending.code = Exit.FAILED if figures.void else Exit.HELD
    return Outcome(_json(run, figures, then) if as_json else _text(run, figures, then), ending.code)


def _generator(rate: float | None, progress: Progress) -> tuple[Generator, str]:
    """What makes the load, and which wrk that is."""
    if rate:
        return OpenLoop(rate), "not used"
    found = wrk.provide(progress)
    return found, found.version


def _kinds(source: Features, only: Sequence[str]) -> list[str]:
    """In the order in which they are known. Raises WrongUsage for an unknown name."""
    known = source.kinds()
    if unknown := [name for name in only if name not in known]:
        raise WrongUsage(f"--only {unknown[0]!r} is no request that is loaded; there are: {', '.join(known)}")
    return [name for name in known if name in only or not only]


def _earlier(name: str, rate: float | None) -> Bench:
    run = runs.find(OPS, name)
    then = results.read(run)
    if then.plan.rate != rate:
        was = f"an open loop at {then.plan.rate:g} requests/s" if then.plan.rate else "a closed loop"
        raise WrongUsage(f"{run.id} was {was}: its figures cannot be compared with these")
    return then


def _peers(own: Stack, kind: str, source: Features, progress: Progress) -> list[Subject]:
    if kind != local.KIND:
        raise WrongUsage(f"--peers are processes beside a {local.KIND} stack; they cannot run on {kind}")
    if len(current().files) > 1:
        raise WrongUsage(f"--peers have databases of their own; they cannot run beside {current().database}")
    known = source.peers()
    interpreter = others.python(known.requirements, OPS, progress)
    return [
        Subject(
            peer.name,
            peer.label,
            registry.of_kind(f"{own.name}-{peer.name}", kind),
            others.up_options(peer, interpreter),
            source,
        )
        for peer in known.peers
    ]


def _up(run: Run, subjects: Sequence[Subject], figures: Bench, kind: str, wrk_version: str, progress: Progress) -> None:
    """All of them, and what the figures and the journal have to say of them."""
    known = versions.versions()
    start = RunStarted(run=run.id, kind="bench", stack=kind, command=options.called(), versions=known)
    run.journal.write(start)
    own, *rest = subjects
    began = time.monotonic()
    status = own.up(progress)
    inside = own.stack.versions()
    evidence.ready(run, status, round((time.monotonic() - began) * 1000), inside)
    for subject in rest:
        progress.say(f"{subject.name}: {subject.label}")
        subject.up(progress)
    machine_ = {**machine(status.database, {**known, **inside}, wrk_version), **figures.plan.machine}
    figures.plan = figures.plan.model_copy(update={"machine": machine_})
    run.journal.write(figures.start())


@contextlib.contextmanager
def _evidence(run: Run, subjects: Sequence[Subject], figures: Bench) -> Iterator[None]:
    """The stacks' logs are kept when the block fails, or a measurement does not count."""
    try:
        yield
    except OpsError:
        _keep(run, subjects)
        raise
    if figures.void:
        _keep(run, subjects)


def _keep(run: Run, subjects: Sequence[Subject]) -> None:
    for subject in subjects:
        subject.stack.keep_evidence(run.directory / "stack" / subject.name)


def _json(run: Run, figures: Bench, then: Bench | None) -> str:
    compared = {"compared": Now(then).document(figures.rows)} if then else {}
    return json.dumps({**results.document(run, figures), **compared}, indent=2, ensure_ascii=False)


def _text(run: Run, figures: Bench, then: Bench | None) -> str:
    report = f"report: {os.path.relpath(run.directory / 'report.html')}"
    return "\n".join([text(figures, then), of_bench(figures), report])

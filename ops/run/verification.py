"""The main job, in its order: checks → stack → scenarios → evidence → away with the stack → reports."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from ops import checks
from ops.checks import CheckResult
from ops.errors import CleanupFailed, Exit, OpsError, known
from ops.gateway import package
from ops.interruption import undisturbed
from ops.journal import events
from ops.journal.record import Record
from ops.journal.runs import Run
from ops.progress import Progress
from ops.run import completeness, ending, evidence, other_stacks
from ops.run.scenarios import Features
from ops.stacks import loan
from ops.stacks.model import Stack, UpOptions
from ops.system import current


@dataclass(frozen=True)
class Proved:
    """How a run ended: what its journal tells, how the command is to exit, and where the evidence lies.

    `planned` is how many scenarios it was to come to, None where that cannot be said.
    """

    run: Run
    exit: Exit
    record: Record
    seconds: float
    planned: int | None = None


@dataclass(frozen=True)
class Keeping:
    """Whether the stack is left up afterwards: `asked` for, or when a `failed` run may be looked at."""

    asked: bool
    failed: bool

    def applies(self, code: Exit) -> bool:
        """To a run that ends so."""
        return self.asked or (self.failed and code in (Exit.FAILED, Exit.NOT_READY, Exit.NOT_PROVEN))


@dataclass
class Verification:
    """One run of scenarios against a stack, which is `lent` to it, and comes up with `up_options`."""

    stack: Stack
    lent: ExitStack
    up_options: UpOptions
    keeping: Keeping
    run: Run
    progress: Progress
    features: Features
    _began: float = field(default_factory=time.monotonic)

    def prove(self) -> Proved:
        """Never raises for what a run is there to find out: the answer is in the exit code and the reports."""
        code = self._clean(self._guarded())
        code = self._judge(code, self.run.record)
        other_stacks.record_siblings(self.run)
        ending.finish(self.run, code, time.monotonic() - self._began)
        return Proved(self.run, code, self.run.record, time.monotonic() - self._began, self.features.count)

    def _guarded(self) -> Exit:
        try:
            return self._steps()
        except KeyboardInterrupt:
            self.progress.say("interrupted: cleaning up", "bad")
            return Exit.INTERRUPTED
        except Exception as error:
            failure = known(error)
            self._record_failure(failure)
            return failure.exit

    def _steps(self) -> Exit:
        with self.progress.folded("checks"):
            if not all(list(self._checked())):
                return Exit.CONFIGURATION
        with self.progress.folded("bring-up"):
            self._bring_up()
        try:
            with self.progress.folded("scenarios"):
                return self._run_features()
        finally:
            evidence.keep(self.run, self.stack.log_files())

    def _checked(self) -> Iterator[bool]:
        with self.progress.rows() as rows:
            rows.show("checks", "checking the configuration before anything runs")
            results = self._checks()
        for result in results:
            self.run.journal.write(events.Check(**vars(result)))
            self._say_check(result)
            yield result.ok

    def _checks(self) -> Sequence[CheckResult]:
        """Of a stack that somebody else brought up, the configuration is not here."""
        if not self.stack.directory:
            return []
        package.provide_all(Progress())
        return checks.run(current())

    def _say_check(self, result: CheckResult) -> None:
        self.progress.say(f"{'✓' if result.ok else '✗'} {result.name}", "ok" if result.ok else "bad")
        if not result.ok:
            self.progress.quote(result.detail.splitlines())

    def _bring_up(self) -> None:
        began = time.monotonic()
        status = loan.up(self.stack, self.up_options, self.progress)
        ms = round((time.monotonic() - began) * 1000)
        evidence.ready(self.run, status, ms, self.stack.versions())
        self.progress.say(f"✓ stack {status.name} is ready at {status.url} after {ms} ms", "ok")

    def _run_features(self) -> Exit:
        ended = self.features.run(self.run, self.progress)
        if why := completeness.unaccounted(ended, self.run.record, self.features.planned):
            self._record_failure(completeness.failure(ended, why))
            return Exit.FAILED
        return Exit.FAILED if any(worker.code for worker in ended) else Exit.HELD

    def _record_failure(self, failure: OpsError) -> None:
        self.progress.say(f"✗ {failure}", "bad")
        self.progress.quote(evidence.log_of(failure))
        with contextlib.suppress(OSError):  # a full disk, say: it was said, and the clean-up is still to come
            evidence.record(self.run, failure)

    def _clean(self, code: Exit) -> Exit:
        try:
            with undisturbed():
                self._keep_evidence()
                if self.stack.state and self.keeping.applies(code):
                    self._keep()
                self.lent.close()
        except CleanupFailed as left:
            self._record_failure(left)
            return code or left.exit
        return code

    def _keep(self) -> None:
        self.stack.keep()
        self.progress.say("the stack is kept:", "skip")
        for command in ("status", "logs", "down"):
            self.progress.offer(f"python3 -m ops {command} --name {self.stack.name}")

    def _keep_evidence(self) -> None:
        try:
            self.stack.keep_evidence(self.run.directory / "stack")
        except OSError as refused:
            self._record_failure(known(refused))

    def _judge(self, code: Exit, record: Record) -> Exit:
        """A run in which no scenario passed has proven nothing, whatever else it did."""
        verdict = record.verdict
        if code == Exit.HELD and not verdict.passed:
            self.progress.say("no scenario passed: nothing is proven", "bad")
            return Exit.FAILED
        is_broken = verdict.failed or record.setup_failures
        if code in (Exit.HELD, Exit.FAILED) and verdict.not_proven and not is_broken:
            return Exit.NOT_PROVEN
        return code

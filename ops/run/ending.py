"""How a run ends: its journal says so and its reports are written, whatever happened in it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

from ops.errors import Exit, known
from ops.interruption import undisturbed
from ops.journal.events import RunFinished
from ops.journal.runs import Run
from ops.report import write_reports
from ops.run import evidence


@dataclass
class Ending:
    """`code` is how the command exits unless something is raised; it is for the block to say that all held."""

    code: Exit = Exit.FAILED


@contextlib.contextmanager
def concluded(run: Run) -> Iterator[Ending]:
    """A run that lasts as long as the block. What that raises goes on, and is told in the reports."""
    ending, began = Ending(), time.monotonic()
    try:
        yield ending
    except KeyboardInterrupt:
        ending.code = Exit.INTERRUPTED
        raise
    except Exception as error:
        failure = known(error)
        ending.code = failure.exit
        evidence.record(run, failure)
        raise
    finally:
        with undisturbed():
            finish(run, ending.code, time.monotonic() - began)


def finish(run: Run, code: Exit, seconds: float) -> None:
    """Write the end and the reports."""
    is_interrupted = code == Exit.INTERRUPTED
    run.journal.write(RunFinished(exit=int(code), seconds=round(seconds, 3), interrupted=is_interrupted))
    write_reports(run.record, run.directory)

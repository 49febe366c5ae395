"""The command line, called from here where nothing depends on its process: one of its own costs a second."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

from ops.cli import main
from ops.interruption import ENDING
from ops.stacks.layout import ROOT

OPS = (sys.executable, "-m", "ops")


def called(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What `python3 -m ops` prints and how it ends. What it starts becomes our child: `up` needs `process`."""
    out, err = io.StringIO(), io.StringIO()
    with _as_called(arguments), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own."""
    return subprocess.run(
        [*OPS, *arguments], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )


@contextlib.contextmanager
def _as_called(arguments: tuple[str, ...]) -> Iterator[None]:
    argv, handlers = sys.argv, {number: signal.getsignal(number) for number in ENDING}
    sys.argv = ["ops", *arguments]
    try:
        yield
    finally:
        sys.argv = argv
        for number, handler in handlers.items():
            signal.signal(number, handler)

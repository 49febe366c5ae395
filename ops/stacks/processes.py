"""The processes of a local stack: started apart from our terminal, found again by their working directory.

A process is a stack's when it runs in the stack's folder, or is marked with it in its environment, and is one of the
programs that stacks start, or is marked as a service. Nothing needs to have been written down for that, so a killed
`ops` leaves nothing that is not found.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil

from ops.checks.timeouts import STOP_GRACE
from ops.errors import CleanupFailed, StackNotReady
from ops.eventually import eventually

PROGRAMS = (
    "ops.faults.proxy",
    "ops.stacks.compose.follower",
    "compose",
    "ops.run.behave",
)
GRACE = STOP_GRACE
KILLED_WITHIN = 5.0
MARK = "GATEPROOF_STACK"
"""Environment variable that names the stack's folder, for programs that work elsewhere."""
SERVICE = "GATEPROOF_SERVICE"
"""Environment variable that names the service that a process, and each of its children, runs."""
STOP = "GATEPROOF_STOP_SIGNAL"
"""Environment variable with the number of the signal that asks a service to end; without it, SIGTERM does."""


def start(command: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a program of the stack in a session of its own, its output appended to `log`.

    It is found again by working in the stack's folder, or by MARK in its environment. Raises StackNotReady when there
    is no such program.
    """
    with log.open("ab") as output:
        try:
            return subprocess.Popen(  # noqa: S603  # the programs of a stack
                list(command),
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as refused:
            raise StackNotReady(f"{command[0]} cannot be started: {refused.strerror}") from None


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], given: bytes | None
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, with `given` on standard input, and what it says kept; with None, both are ours.

    Raises StackNotReady when there is no such program.
    """
    kept = {} if given is None else {"input": given, "capture_output": True, "start_new_session": True}
    try:
        return subprocess.run(list(command), cwd=folder, env=dict(environment), **kept)  # type: ignore[call-overload,no-any-return]  # noqa: S603
    except OSError as refused:
        raise StackNotReady(f"{command[0]} cannot be started: {refused.strerror}") from None


def of(directory: Path, program: str | None = None) -> list[psutil.Process]:
    """The living processes of the stack in that folder, or those of one program."""
    place = str(directory.resolve())
    found = [process for process in psutil.process_iter() if _belongs(process, place)]
    return [process for process in found if program is None or _runs(process, program)]


def is_alive(pid: int | None, directory: Path) -> bool:
    """True while that process lives and belongs to the stack; a reused process ID does not count."""
    try:
        return pid is not None and _belongs(psutil.Process(pid), str(directory.resolve()))
    except psutil.Error:
        return False


def is_paused(pid: int) -> bool:
    """True for a process that was stopped by SIGSTOP."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.Error:
        return False


def end(processes: Iterable[psutil.Process], grace: float = GRACE) -> None:
    """Send each its stop signal; kill what is left after `grace` seconds. Raises CleanupFailed."""
    stubborn = await_ends([process for process in processes if _ask(process)], grace)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    if immortal := await_ends(stubborn, KILLED_WITHIN):
        raise CleanupFailed(f"still running: {', '.join(str(process.pid) for process in immortal)}")


def await_ends(processes: Sequence[psutil.Process], within: float) -> list[psutil.Process]:
    """Those that still live `within` seconds later; one that only its parent has yet to bury has ended."""
    eventually(lambda: not _living(processes), within)
    return _living(processes)


def _living(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    return [process for process in psutil.wait_procs(processes, timeout=0)[1] if not _is_zombie(process)]


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _ask(process: psutil.Process) -> bool:
    try:
        children = process.children(recursive=True) if is_paused(process.pid) else []
        process.send_signal(_ending_signal(process))
        for one in (process, *children):
            one.resume()
    except psutil.NoSuchProcess:
        return False
    return True


def _ending_signal(process: psutil.Process) -> int:
    if process.name() == "nginx":
        return signal.SIGQUIT
    with contextlib.suppress(psutil.AccessDenied):
        return int(process.environ().get(STOP, signal.SIGTERM))
    return signal.SIGTERM


def _belongs(process: psutil.Process, directory: str) -> bool:
    """Where it is comes first: hundreds are asked, and few are there."""
    try:
        if process.cwd() != directory and process.environ().get(MARK) != directory:
            return False
        return process.pid != os.getpid() and not _is_zombie(process) and _is_ours(process)
    except psutil.Error:
        return False


def _runs(process: psutil.Process, program: str) -> bool:
    try:
        return program in process.cmdline()
    except psutil.Error:
        return False


def _is_ours(process: psutil.Process) -> bool:
    """Also one that has no command line yet, as for a moment of its start; a service may be any program."""
    command = process.cmdline()
    if process.name() == "nginx" or not command or any(program in command for program in PROGRAMS):
        return True
    return SERVICE in process.environ()

"""What a run is pointed at: a stack of its own, or an address that somebody else looks after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from ops.checks import CheckResult
from ops.checks import run as run_checks
from ops.errors import Exit, WrongUsage
from ops.faults import on_links, restore
from ops.gateway import package
from ops.progress import Progress
from ops.stacks.model import OwnStack, StackStatus, UpOptions
from ops.stacks.remote import RemoteStack
from ops.system import current


class Target(Protocol):
    """What the proof asks of a target."""

    @property
    def directory(self) -> Path | None:
        """The stack's folder, where it has one here."""

    def take(self) -> None:
        """Make sure that it is ours to use. Raises WrongUsage."""

    def checks(self) -> Sequence[CheckResult]:
        """Everything that can be checked before anything runs."""

    def up(self, progress: Progress) -> StackStatus:
        """Make it ready. Raises OpsError."""

    def versions(self) -> Mapping[str, str]:
        """Of what it runs on, as far as it can be told from here."""

    def userdata(self) -> Mapping[str, str]:
        """How behave finds it."""

    def restore(self) -> None:
        """Mend what is broken of it for everybody, and return when it is back. Raises StackNotReady."""

    def log_files(self) -> Sequence[Path]:
        """The logs that can be read from here."""

    def keep_evidence(self, folder: Path) -> None:
        """Write what can only be known while it is there into that folder."""

    def leave(self, code: Exit, progress: Progress) -> None:
        """Remove it, or keep it. Raises CleanupFailed."""


class Own:
    """A stack of ours that comes and goes with the run; kept when asked for, or when a failed run may be looked at."""

    def __init__(self, stack: OwnStack, port: int | None, *, keep: bool, keep_failed: bool) -> None:
        self._stack = stack
        self._up_options = UpOptions(port, current().links, ephemeral=True)
        self._keep, self._keep_failed = keep, keep_failed
        self._held = ExitStack()
        self.directory: Path | None = stack.layout.directory

    def take(self) -> None:
        """Hold it to the end. Raises WrongUsage when somebody else does, or works with a stack of that name."""
        self._held.enter_context(self._stack.layout.held())
        state = self._stack.state
        if state and not state.ephemeral:
            self._held.close()
            name = self._stack.name
            raise WrongUsage(f"the stack {name!r} is in use since `up`; take it down first, or choose another --name")

    def checks(self) -> Sequence[CheckResult]:
        """All of `ops check`."""
        package.provide_all(Progress())
        return run_checks(current())

    def up(self, progress: Progress) -> StackStatus:
        """A fresh stack: what an earlier run of that name left is removed first."""
        self._stack.clear()
        return self._stack.up(self._up_options, progress)

    def versions(self) -> Mapping[str, str]:
        """The stack's."""
        return self._stack.versions()

    def userdata(self) -> Mapping[str, str]:
        """By its name."""
        return {"stack": self._stack.name}

    def restore(self) -> None:
        """Its services, its cut links, and the faults on links that are not limited to one scenario."""
        on_links.end_unlimited(self._stack)
        restore.mend(self._stack)

    def log_files(self) -> Sequence[Path]:
        """Its services' and its gateway's."""
        return self._stack.log_files()

    def keep_evidence(self, folder: Path) -> None:
        """Its logs, and what else its kind has to tell."""
        self._stack.keep_evidence(folder)

    def leave(self, code: Exit, progress: Progress) -> None:
        """Remove it with all that belongs to it, unless it is to be kept."""
        with self._held:
            if self._stack.state and self._is_kept(code):
                self._stack.keep()
                progress.say("the stack is kept:", "skip")
                for command in ("status", "logs", "down"):
                    progress.offer(f"python3 -m ops {command} --name {self._stack.name}")
            else:
                self._stack.down()

    def _is_kept(self, code: Exit) -> bool:
        return self._keep or (self._keep_failed and code in (Exit.FAILED, Exit.NOT_READY, Exit.NOT_PROVEN))


class Elsewhere:
    """A base URL: staging, or a colleague's stack. Nothing of it is started, changed or removed."""

    def __init__(self, stack: RemoteStack) -> None:
        self._stack = stack
        self.directory: Path | None = None

    def take(self) -> None:
        """Anybody may ask it."""

    def checks(self) -> Sequence[CheckResult]:
        """None: its configuration is not here."""
        return []

    def up(self, progress: Progress) -> StackStatus:
        """Look whether it answers. Raises StackNotReady."""
        self._stack.reach()
        return self._stack.status()

    def versions(self) -> Mapping[str, str]:
        """None that it tells anybody."""
        return {}

    def userdata(self) -> Mapping[str, str]:
        """By its address."""
        return {"base_url": self._stack.url}

    def restore(self) -> None:
        """Nothing of it can be broken from here."""

    def log_files(self) -> Sequence[Path]:
        """None that can be read from here."""
        return []

    def keep_evidence(self, folder: Path) -> None:
        """None that can be had from here."""

    def leave(self, code: Exit, progress: Progress) -> None:
        """Nothing is ours there."""

"""What the machine refuses is one line with an exit code of its own, never a traceback, and leaves no stack behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from ops.commands import lifecycle
from ops.errors import Exit, MachineRefused, known
from ops.journal.runs import Run
from ops.progress import Progress, surroundings
from ops.run.scenarios import Features
from ops.run.verification import Keeping, Verification
from ops.stacks.compose.project import Project
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import Layout
from ops.stacks.local.stack import LocalStack
from ops.stacks.model import StackStatus, UpOptions
from ops.stacks.remote import RemoteStack
from ops.stacks.state import Member, State
from ops.system import HARNESS
from ops.tests.journals import event

pytestmark = pytest.mark.whole

COMMANDS = (["up"], ["down"], ["status"], ["verify"], ["report", "--list"], ["smoke"], ["logs"], ["trace", "abcdefgh"])
SYSTEM = "services: {front: {image: nginx, ports: ['80']}}\nx-ops: {gateway: front, features: features}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A system in whose folder nothing of a stack can be kept."""
    (tmp_path / ".ops").touch()
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "a.feature").write_text("Feature: a\n  Scenario: b\n    Given c\n")
    (tmp_path / "docker-compose.yml").write_text(SYSTEM)
    return tmp_path / "docker-compose.yml"


def ops(*arguments: str, to: str = "/dev/null") -> subprocess.CompletedProcess[bytes]:
    with Path(to).open("wb") as out:
        return subprocess.run(
            [sys.executable, "-m", "ops", *arguments], cwd=HARNESS, stdout=out, stderr=subprocess.PIPE
        )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_folder_that_cannot_be_made(file: Path, command: Sequence[str]) -> None:
    said = ops(*command, "--file", str(file))
    assert b"Traceback" not in said.stderr
    assert said.returncode != Exit.FAILED, said.stderr


def test_an_output_on_a_full_disk() -> None:
    said = ops("--help", to="/dev/full")
    assert (said.returncode, said.stderr) == (Exit.NOT_READY, b"No space left on device\n")


@pytest.mark.parametrize("closed", ["0<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_an_output_that_is_closed_is_as_one_that_goes_nowhere(closed: str) -> None:
    call = f'"{sys.executable}" -m ops --version {closed}'
    said = subprocess.run(["/bin/bash", "-c", call], cwd=HARNESS, capture_output=True)
    assert (said.returncode, said.stderr) == (Exit.HELD, b"")
    assert said.stdout.startswith(b"gateproof") == (">&-" not in closed.split())


class Unsaved(LocalStack):
    """A stack whose state finds no room once its services run."""

    def up(self, up_options: UpOptions, progress: Progress) -> StackStatus:
        self.layout.make()
        State(url="http://127.0.0.1:1", members=[Member(name="front", port=1)]).save(self.layout.state)
        raise OSError(28, "No space left on device", str(self.layout.state))


@pytest.mark.parametrize("in_ci", [True, False])
def test_a_stack_that_came_up_half_is_removed_in_ci_else_kept_and_said(
    tmp_path: Path, in_ci: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "in_ci", lambda: in_ci)
    stack = Unsaved(Layout("half", tmp_path), {})
    with pytest.raises(MachineRefused) as refused, lifecycle._removed_in_ci(stack):
        stack.up(UpOptions(0), Progress(quiet=True))
    assert stack.layout.directory.exists() != in_ci
    assert ("python3 -m ops down --name half" in refused.value.log) != in_ci


class Unprepared(ComposeStack):
    """A stack for whose files there is no room."""

    def _prepare(self, up_options: UpOptions, progress: Progress) -> tuple[State, Project]:
        self.layout.make()
        raise OSError(28, "No space left on device", str(self.layout.state))


def test_of_a_compose_stack_that_never_began_nothing_is_left(tmp_path: Path) -> None:
    stack = Unprepared(Layout("half", tmp_path), {})
    with pytest.raises(OSError, match="No space"):
        stack.up(UpOptions(0), Progress(quiet=True))
    assert not stack.layout.directory.exists()


def test_who_has_no_permission_learns_whose_the_file_may_be() -> None:
    failure = known(PermissionError(13, "Permission denied", "/x/.ops/default"))
    assert isinstance(failure, MachineRefused)
    assert (failure.exit, str(failure).partition(" (")[0]) == (Exit.NOT_READY, "/x/.ops/default: Permission denied")
    assert "root" in str(failure)


class Absent(RemoteStack):
    """A stack that does not answer, and whose evidence finds no room."""

    def keep_evidence(self, folder: Path) -> None:
        raise OSError(28, "No space left on device", str(folder))


def test_a_journal_that_takes_nothing_more_does_not_keep_the_stack_up(tmp_path: Path) -> None:
    run = Run.begin(tmp_path)
    run.journal.write(event("run-started"))
    run.journal.path.unlink()
    run.journal.path.mkdir()
    stack, lent = Absent("http://127.0.0.1:1"), ExitStack()
    left: list[str] = []
    lent.callback(left.append, "away")
    features, keeping, progress = Features(tmp_path, stack, []), Keeping(False, False), Progress(quiet=True)
    with pytest.raises(OSError, match="Is a directory"):
        Verification(stack, lent, UpOptions(0, ephemeral=True), keeping, run, progress, features).prove()
    assert left == ["away"]

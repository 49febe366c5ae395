"""What the machine refuses is one line with an exit code of its own, never a traceback, and leaves no stack behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from ops.errors import Exit, MachineRefused, known
from ops.journal.runs import Run
from ops.progress import Progress
from ops.run.scenarios import Features
from ops.run.verification import Keeping, Verification
from ops.stacks.remote import RemoteStack
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
        Verification(stack, lent, 0, keeping, run, progress, features).prove()
    assert left == ["away"]

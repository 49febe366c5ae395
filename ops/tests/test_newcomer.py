"""docs/testing.md, followed to the letter: from the terminal's last line to the cause, in a tree with a planted bug."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.tests.terminals import ROOT, terminal

pytestmark = pytest.mark.whole


GUIDE = ROOT / "docs" / "testing.md"
HEAD = "### From the last line to the cause"
CLIENTS = "services/orders/clients.py"
BUG = (", token=customer.token", "")
LEFT_BEHIND = (".git", ".ops", ".venv", ".*_cache", "*.pyc.*")
RUN = re.compile(r"\d{8}-\d{6}-[0-9a-z]{3}")
CHANCE = (
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"\d+\.\d+(?= |$)|(?<=\()\d+\.\d+", "NUMBER"),
    (r"urn:[^ ]*…", "…"),
)


@dataclass(frozen=True)
class Step:
    """A command of the guide, and what it says there of its answer."""

    command: str
    answer: str

    @property
    def parts(self) -> list[str]:
        """What must be there, in this order; `…` stands for whatever is between."""
        return [_plain(part) for part in re.split(r"(?m)^…$", self.answer) if part.strip()]


def steps() -> list[Step]:
    """Each block of the section that begins with a `$`."""
    section = GUIDE.read_text().partition(HEAD)[2].partition("\n## ")[0]
    return [Step(*found) for found in re.findall(r"```\n\$ ([^\n]+)\n(.*?)```", section, re.DOTALL)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """This checkout once more, with the bug."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    (copy / ".venv").symlink_to(Path(sys.prefix))
    clients = copy / CLIENTS
    assert clients.read_text().count(BUG[0]) == 1
    clients.write_text(clients.read_text().replace(*BUG))
    return copy


def test_the_guide_is_true(tree: Path) -> None:
    run = ""
    assert len(steps()) == 3
    for step in steps():
        said = _answer(RUN.sub(run, step.command) if run else step.command, tree)
        run = run or RUN.findall(said)[-1]
        shown = _plain(said)
        for part in step.parts:
            assert part in shown, said
            shown = shown.partition(part)[2]


def _answer(command: str, tree: Path) -> str:
    """On a terminal of 80 columns, where nobody keeps the broken stack."""
    call = [sys.executable, *command.split()[1:]]
    with terminal(*call, cwd=tree, CI="true") as seen:
        seen.end(within=180)
        return "".join(line if len(line) == seen.screen.columns else f"{line}\n" for line in seen.lines)


def _plain(text: str) -> str:
    """Without what chance decides, and without where lines are broken."""
    text = RUN.sub("RUN", text)
    for pattern, word in CHANCE:
        text = re.sub(pattern, word, text)
    return re.sub(r"[\s│├└─]+", "", text)

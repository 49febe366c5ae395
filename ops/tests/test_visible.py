"""What somebody else wrote, such as a scenario's name or a client's User-Agent, commands no terminal."""

from __future__ import annotations

import subprocess

import pytest

from ops.progress.visible import visible
from ops.tests.terminals import ROOT, python

FOREIGN = "\x1b]0;owned\x07\x1b[2J\x9b31m \u202e name"
TOLD = """
from ops.progress import Progress
from ops.progress.sheet import Line, hanging
import sys
progress, words = Progress(), FOREIGN
progress.say(words)
progress.complain(words)
progress.quote([words])
progress.offer(words)
with progress.rows() as rows:
    rows.show("a", words)
sys.stdout.write(hanging([Line("", words)], 80).plain)
"""


def test_what_a_terminal_obeys_is_written_out() -> None:
    assert visible(FOREIGN) == "\\x1b]0;owned\\x07\\x1b[2J\\x9b31m \\u202e name"


@pytest.mark.parametrize("words", ["plain", "two\nlines\tand a tab", "Ünïcode ☕ 咖啡"])
def test_other_text_stays_as_it_is(words: str) -> None:
    assert visible(words) == words


def test_nothing_that_is_told_of_commands_a_terminal() -> None:
    done = subprocess.run(
        python(TOLD.replace("FOREIGN", repr(FOREIGN))), cwd=ROOT, capture_output=True, text=True, check=True
    )
    for said in (done.stdout, done.stderr):
        assert "owned" in said and not {"\x1b", "\x07", "\x9b", "\u202e"} & set(said), said

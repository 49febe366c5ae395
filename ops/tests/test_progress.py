"""What a person sees on a terminal, what a pipe gets, and that Ctrl-C leaves a clean screen."""

from __future__ import annotations

import re
import subprocess

import pytest

from ops.progress.rows import StillRows
from ops.tests.terminals import PLAIN, ROOT, python, terminal

pytestmark = pytest.mark.whole


ROWS = """
import time
from ops.progress import Progress
progress = Progress()
progress.say("first " + "word " * 20, "ok")
with progress.rows() as rows:
    rows.show("a", "users waits for " + "x" * 200)
    rows.show("b", "orders is pulled")
    time.sleep(0.5)
    progress.say("meanwhile")
    rows.drop("a")
    time.sleep(HOLD)
progress.quote(["one line of a log " * 8])
progress.offer("python3 -m ops trace " + "i" * 90)
"""
QUICK, SLOW = ROWS.replace("HOLD", "0.3"), ROWS.replace("HOLD", "30")


@pytest.mark.parametrize("columns", [80, 60])
def test_rows_are_live_at_the_foot_and_gone_at_the_end(columns: int) -> None:
    with terminal(*python(SLOW.replace("sleep(0.5)", "sleep(1)")), columns=columns) as seen:
        seen.await_screen(lambda lines: any("orders is pulled" in line for line in lines))
        *_, first, second = seen.lines
        assert re.search(r" users waits for x+… +\d\.\ds$", first), first
        assert re.search(r" orders is pulled +\d\.\ds$", second), second
        seen.await_screen(
            lambda lines: (
                not any("users waits" in line for line in lines)
                and lines[-2].endswith("  meanwhile")
                and "orders is pulled" in lines[-1]
            )
        )


@pytest.mark.parametrize("columns", [80, 60])
def test_long_lines_hang_and_commands_are_not_broken(columns: int) -> None:
    with terminal(*python(QUICK), columns=columns) as seen:
        assert seen.end() == 0
        first, second, *_ = seen.lines
        assert re.match(r" +\d\.\ds  first word", first)
        assert re.match(r" {9}word", second)
        quoted = [line for line in seen.lines if "│" in line]
        assert len(quoted) > 1
        assert {line[:11] for line in quoted} == {" " * 9 + "│ "}
        assert b"trace " + b"i" * 90 in seen.raw
        assert not any("orders is pulled" in line or not line for line in seen.lines)


def test_ctrl_c_leaves_a_clean_screen() -> None:
    with terminal(*python(SLOW.replace("sleep(0.5)", "sleep(30)"))) as seen:
        seen.await_screen(lambda lines: any("orders is pulled" in line for line in lines))
        seen.type(b"\x03")
        assert seen.end() != 0
        assert not any("users waits" in line or "orders is pulled" in line for line in seen.lines)
        assert "KeyboardInterrupt" in seen.lines[-1]
        assert not seen.screen.cursor.hidden


def test_a_dumb_terminal_gets_plain_lines() -> None:
    with terminal(*python(QUICK), TERM="dumb") as seen:
        assert seen.end() == 0
        assert b"\x1b" not in seen.raw
        assert not any("orders is pulled" in line for line in seen.lines)


def test_no_color_is_obeyed() -> None:
    with terminal(*python(QUICK), NO_COLOR="1") as seen:
        assert seen.end() == 0
        assert not re.search(rb"\x1b\[[\d;]*[1-9][\d;]*m", seen.raw)


def test_ci_gets_no_live_rows_even_on_a_terminal() -> None:
    with terminal(*python(QUICK), CI="true") as seen:
        assert seen.end() == 0
        assert not re.search(rb"\x1b\[[\d;?]*[A-HJKlh]", seen.raw)


def test_a_pipe_gets_whole_plain_lines() -> None:
    done = subprocess.run(python(QUICK), capture_output=True, text=True, cwd=ROOT, env=PLAIN | {"FORCE_COLOR": ""})
    assert done.stdout == ""
    assert "\x1b" not in done.stderr
    lines = done.stderr.splitlines()
    assert lines[0].endswith("word word ")
    assert [line.split()[-1] for line in lines[1:2]] == ["meanwhile"]
    assert len(lines) == 4


def test_where_nobody_watches_a_long_wait_is_told_now_and_then() -> None:
    said: list[str] = []
    rows = StillRows(lambda words, style: said.append(words), every=0.0)
    rows.show("orders", "orders    waiting for /readyz")
    rows.drop("orders")
    rows.drop("orders")
    assert said == ["… orders waiting for /readyz, 0 s"]


def test_a_short_wait_is_not_told_at_all() -> None:
    said: list[str] = []
    rows = StillRows(lambda words, style: said.append(words))
    rows.show("orders", "orders waiting for /readyz")
    rows.show("orders", "orders waiting for /readyz")
    assert said == []

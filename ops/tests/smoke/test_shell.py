"""Blocks of commands run in a shell that forgets nothing and leaves nothing."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from ops.errors import StackNotReady
from ops.smoke.shell import Shell
from ops.tests.rig import service
from ops.tests.waiting import eventually

SLEEP = "sleep 71.5"


def test_a_missing_curl_is_named_with_its_package(tmp_path: Path) -> None:
    (tmp_path / "bash").symlink_to("/bin/bash")
    with pytest.raises(StackNotReady, match="curl is missing: install the package curl"):
        Shell(tmp_path, tmp_path, {"PATH": str(tmp_path)}, within=1)


def test_nothing_that_a_hanging_block_started_is_left(tmp_path: Path) -> None:
    shell = Shell(tmp_path, tmp_path, {"PATH": os.environ["PATH"]}, within=0.5)
    assert shell.run(f"A=1\n{SLEEP} & {SLEEP}") == ("", None)
    eventually(lambda: SLEEP.split() not in [one.info["cmdline"] for one in psutil.process_iter(["cmdline"])])
    assert "A" not in shell.variables


def test_curl_does_as_the_page_says_not_as_its_user_set_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".curlrc").write_text("user-agent = theirs\nfail\nproxy = http://127.0.0.1:1\n")
    place = tmp_path / "scratch"
    place.mkdir()
    variables = {"PATH": os.environ["PATH"], "HOME": str(home)}
    with service() as it:
        said, code = Shell(tmp_path, place, variables, within=5).run(f"curl -s http://127.0.0.1:{it.address.port}/")
    assert (said, code) == ("from the service", 0)


def test_a_value_of_several_lines_and_a_block_that_gives_up_early(shell: Shell) -> None:
    shell.run("A='one\ntwo='\nB=3; exit 1")
    assert (shell.variables["A"], shell.variables["B"]) == ("one\ntwo=", "3")


def test_a_block_reads_nothing_and_may_print_anything(shell: Shell) -> None:
    assert shell.run(r"cat; printf 'a\377\0b'; echo no >&2") == ("a�\0bno\n", 0)


def test_a_block_ends_at_what_fails_or_was_never_set(shell: Shell) -> None:
    assert shell.run("false; echo further") == ("", 1)
    printed, code = shell.run('echo "$NEVER_SET"; echo further')
    assert ("NEVER_SET: unbound variable" in printed, code != 0, "further" in printed) == (True, True, False)

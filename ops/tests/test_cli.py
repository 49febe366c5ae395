"""What `python3 -m ops` says of itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import cast

import click
import pytest
from click.testing import CliRunner

from ops import VERSION
from ops.cli import cli
from ops.commands.completion import SHELLS
from ops.errors import Exit, WrongUsage
from ops.faults.catalogue import BY_HAND, Row
from ops.faults.service_faults import ACTIONS, Kind
from ops.tests.terminals import ROOT


@pytest.mark.parametrize("columns", ["80", "60"])
def test_the_list_of_commands_is_whole(columns: str) -> None:
    said = CliRunner().invoke(cli, ["--help"], env={"COLUMNS": columns}, terminal_width=int(columns)).output
    assert "..." not in said.partition("Commands:")[2]
    assert max(map(len, said.splitlines())) <= int(columns)


def test_its_version_is_that_of_the_changelog() -> None:
    said = CliRunner().invoke(cli, ["--version"])
    assert (said.exit_code, said.output) == (0, f"gateproof {VERSION}\n")
    newest = re.search(r"^## (\d\S*) \(\d{4}-\d\d-\d\d\)$", (ROOT / "docs/changelog.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == VERSION


@pytest.mark.parametrize(("typo", "nearest"), [("verfy", "verify"), ("logs2", "logs"), ("STATUS", "status")])
def test_for_a_slip_the_nearest_command_is_named(typo: str, nearest: str) -> None:
    said = CliRunner().invoke(cli, [typo])
    assert said.exit_code == Exit.USAGE
    assert f"There is no command {typo!r}; the nearest is {nearest!r}." in said.output


def test_for_a_stranger_all_are_named() -> None:
    assert "there are verify, test, up" in CliRunner().invoke(cli, ["xyzxyz"]).output


@pytest.mark.parametrize("kind", BY_HAND)
def test_the_help_of_a_fault_is_about_it_alone(kind: str) -> None:
    said = CliRunner().invoke(cli, ["fault", kind, "--help"])
    assert said.exit_code == 0
    assert f"fault {kind} [OPTIONS] {BY_HAND[kind].on.upper()}" in said.output
    options = set(re.findall(r"--[a-z-]+", said.output)) - {"--help", "--name", "--for", "--times", "--request-id"}
    assert options == set(BY_HAND[kind].options)


def test_a_kind_that_no_option_can_describe_is_not_offered() -> None:
    assert "other" not in CliRunner().invoke(cli, ["fault", "--help"]).output
    with pytest.raises(WrongUsage, match="there is no fault 'other'"):
        cli.main(["fault", "other", "orders:products"], standalone_mode=False)


@pytest.mark.parametrize(("like", "takes_time"), [("latency", True), ("killed", True), ("restarted", False)])
def test_a_kind_that_is_added_has_its_help(like: str, takes_time: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast(dict[str, Row], BY_HAND), "new", replace(BY_HAND[like], name="new", about="Begin slowly."))
    if like in ACTIONS:
        monkeypatch.setitem(cast(dict[str, Kind], ACTIONS), "new", ACTIONS[like])
    said = CliRunner().invoke(cli, ["fault", "new", "--help"], standalone_mode=False)
    assert said.exception is None
    assert ("Begin slowly." in said.output, "--for" in said.output) == (True, takes_time)


def test_completion_knows_commands_and_options() -> None:
    asked = {**os.environ, "_OPS_COMPLETE": "bash_complete", "COMP_CWORD": "1"}
    for words, wanted in (("ops ver", "plain,verify"), ("ops down --a", "plain,--all")):
        asked |= {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
        said = subprocess.run([sys.executable, "-m", "ops"], cwd=ROOT, env=asked, capture_output=True, text=True)
        assert said.stdout.splitlines() == [wanted]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_each_shell_asks_the_module_and_no_program_named_ops(shell: str) -> None:
    script = CliRunner().invoke(cli, ["completion", shell], standalone_mode=False).return_value.text
    (asked,) = [line for line in script.splitlines() if f"_OPS_COMPLETE={shell}_complete" in line]
    assert re.search(r" python3 -m ops\)", asked), asked
    assert "commands[ops]" not in script


@pytest.mark.parametrize("shell", [shell for shell in SHELLS if shutil.which(shell)])
def test_a_shell_takes_its_script_and_completes(shell: str) -> None:
    script = CliRunner().invoke(cli, ["completion", shell], standalone_mode=False).return_value.text
    assert "python3 -m ops" in script
    ask = "COMP_WORDS=(ops statu) COMP_CWORD=1; _ops_completion ops; echo ${COMPREPLY[@]}" if shell == "bash" else ":"
    said = subprocess.run([shell, "-c", f"{script}\n{ask}"], cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert shell != "bash" or said.stdout.strip() == "status"


def test_every_command_is_listed_with_its_first_sentence() -> None:
    said = " ".join(CliRunner().invoke(cli, ["--help"]).output.split())
    for name in cli.list_commands(click.Context(cli)):
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert f"{name} {command.get_short_help_str(limit=1000)}" in said

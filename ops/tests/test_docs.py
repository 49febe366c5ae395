"""The guides tell of commands that exist, with options that they take, and of files that are there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ops.cli import cli

ROOT = Path(__file__).resolve().parents[2]
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CALL = re.compile(r"python3 -m ops +([^`\n]+)")
GHERKIN = re.compile(r"```gherkin\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def calls(guide: Path) -> list[str]:
    return [found.split("#")[0].rstrip(" ,.…") for found in CALL.findall(guide.read_text()) if found[0].isalpha()]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_call_is_one_that_ops_takes(guide: Path) -> None:
    for call in calls(guide):
        name, *arguments = shlex.split(call.split(" and ")[0].split(" then ")[0])
        for each in name.split("|"):
            command = cli.get_command(click.Context(cli), each)
            assert command is not None, call
            known = {option for parameter in command.params for option in parameter.opts}
            assert {argument for argument in arguments if argument.startswith("-")} <= known, call


def test_the_guides_tell_of_calls() -> None:
    assert len([call for guide in GUIDES for call in calls(guide)]) > 10


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_link_leads_somewhere(guide: Path) -> None:
    assert [link for link in LINK.findall(guide.read_text()) if not (guide.parent / link).exists()] == []


def test_the_scenarios_of_the_guides_have_sentences_that_there_are(tmp_path: Path) -> None:
    examples = [example for guide in GUIDES for example in GHERKIN.findall(guide.read_text())]
    assert examples
    (tmp_path / "examples.feature").write_text("Feature: examples\n" + "\n".join(examples))
    for name in ("steps", "environment.py"):
        (tmp_path / name).symlink_to(ROOT / "features" / name)
    call = [sys.executable, "-m", "behave", "--dry-run", "--no-color", "--format=plain", str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert "undefined" not in done.stdout, done.stdout
    assert done.returncode == 0, done.stdout + done.stderr

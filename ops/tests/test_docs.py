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
LINK = re.compile(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def calls(guide: Path) -> list[str]:
    return [found.split("#")[0].rstrip(" ,.…") for found in CALL.findall(guide.read_text()) if found[0].isalpha()]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_call_is_one_that_ops_takes(guide: Path) -> None:
    for call in calls(guide):
        name, *arguments = shlex.split(call.split(" -- ")[0].split(" and ")[0].split(" then ")[0])
        for each in name.split("|"):
            command = cli.get_command(click.Context(cli), each)
            assert command is not None, call
            known = {option for parameter in command.params for option in parameter.opts}
            assert {argument for argument in arguments if argument.startswith("-")} <= known, call


def test_the_guides_tell_of_calls() -> None:
    assert len([call for guide in GUIDES for call in calls(guide)]) > 10


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_link_leads_somewhere(guide: Path) -> None:
    assert broken_links(guide) == []


def broken_links(guide: Path) -> list[str]:
    """To a file that is not there, or to a heading that it has not."""
    found = [(guide.parent / file if file else guide, anchor) for file, anchor in LINK.findall(guide.read_text())]
    return [f"{page.name}#{anchor}" for page, anchor in found if not _trace_link(page, anchor)]


def _trace_link(page: Path, anchor: str) -> bool:
    return page.exists() and (not anchor or anchor in anchors(page.read_text()))


def anchors(markdown: str) -> list[str]:
    """Of its headings, by GitHub's rule: small letters, digits, _ and -, a - for a space, a number for a second one."""
    headings = HEADING.findall(FENCED.sub("", markdown))
    slugs = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
    before = [slugs[:place].count(slug) for place, slug in enumerate(slugs)]
    return [f"{slug}-{count}" if count else slug for slug, count in zip(slugs, before, strict=True)]


def test_a_link_to_a_file_or_a_heading_that_is_not_there_is_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# The page\n```\n# no heading\n```\n## `verify`, twice\n## `verify`, twice\n")
    guide = tmp_path / "guide.md"
    good = "[a](other.md#the-page) [b](other.md#verify-twice-1) [c](#my-own) [d](other.md)"
    guide.write_text(f"## My own\n{good} [e](other.md#no-heading) [f](#other) [g](gone.md#the-page) [h](gone.md)\n")
    assert broken_links(guide) == ["other.md#no-heading", "guide.md#other", "gone.md#the-page", "gone.md#"]


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

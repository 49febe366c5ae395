"""The project's guides, as a reader takes them."""

import re
import subprocess
import sys
from collections.abc import Mapping

from ops.api import ROOT

README = ROOT / "README.md"
OPERATIONS = ROOT / "docs" / "operations.md"
POINTS = ("symptom", "cause", "command", "cure")
POINT = re.compile(rf"^- ({'|'.join(POINTS)}): (.*?)(?=^- |\Z)", re.M | re.S)
LINK = re.compile(r"\]\(([^)#]+)\)")


def links(guide: str) -> set[str]:
    """Where the links of a guide lead."""
    return set(LINK.findall(guide))


def troubles(guide: str) -> Mapping[str, Mapping[str, str]]:
    """The troubles that the operations guide tells of, and what it says of each of the POINTS."""
    chapter = guide.partition("\n## Troubleshooting\n")[2].partition("\n## ")[0]
    sections = [section.partition("\n") for section in chapter.split("\n### ")[1:]]
    return {heading: dict(POINT.findall(text)) for heading, _, text in sections}


def minute() -> str:
    """The lines that an operator pastes first."""
    return OPERATIONS.read_text(encoding="utf-8").partition("```sh\n")[2].partition("```")[0]


def statuses(lines: str) -> list[str]:
    """The statuses that the lines say they show, each behind its `#`."""
    return re.findall(r"# (\d{3}): ", lines)


def commands(guide: str) -> set[str]:
    """The commands of ops that a guide tells to call."""
    return set(re.findall(r"python3 -m ops ([a-z]+)", guide))


def known_commands() -> set[str]:
    """The commands that ops says it has."""
    said = subprocess.run([sys.executable, "-m", "ops", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(re.findall(r"^  ([a-z]+)  ", said.stdout, re.M))

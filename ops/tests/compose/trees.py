"""Copies of the tree to plant faults in."""

from __future__ import annotations

import shutil
from pathlib import Path

from ops.stacks.layout import ROOT

NEEDED = (
    "docker-compose.yml",
    ".dockerignore",
    "requirements.txt",
    "services",
    "gateway",
    "ops/__init__.py",
    "ops/errors.py",
    "ops/faults",
)


def copied(target: Path) -> Path:
    """What Compose builds from, without the tests."""
    for name in NEEDED:
        source = ROOT / name
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("tests", "__pycache__"))
        else:
            shutil.copy(source, target / name)
    return target


def replace(file: Path, old: str, new: str) -> None:
    """Plant one fault."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))

"""What a run says of its tree: its own commit, and none that another repository around it has."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from ops.run import versions
from ops.tests.shop import SHOP


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another system's, in a folder of a repository that has one commit."""
    monkeypatch.setattr(versions, "current", lambda: replace(SHOP, file=tmp_path / "tree" / "compose.yaml"))
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "first")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "compose.yaml").touch()
    return tmp_path / "tree"


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    return subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout  # noqa: S607


def test_a_tree_that_was_unpacked_in_another_repository_has_no_commit(tree: Path) -> None:
    assert (versions.commit(tree / "page.md"), versions.versions()["commit"]) == ("unknown", "unknown")


def test_the_commit_is_that_of_the_systems_own_tree(tree: Path) -> None:
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message", "second")
    head = git(tree, "rev-parse", "--short", "HEAD").strip()
    (tree / "page.md").touch()
    assert versions.commit(tree / "page.md") == head
    assert versions.versions()["commit"] == head
    (tree / "other").touch()
    assert versions.commit(tree / "page.md") == f"{head} and changes"


def test_the_libraries_are_those_of_the_harness_and_of_the_system(tree: Path) -> None:
    (tree / "requirements.txt").write_text("# ours\n-r more.txt\npsutil==1\nurllib4==2.8 \\\n    --hash=sha256:0\n")
    (tree / "more.txt").write_text("psycopg[binary]==3\n")
    found = versions.versions()
    assert (found["psycopg"], found["urllib4"]) == ("3", "2.8"), "as the system pins them"
    assert (found["psutil"], found["behave"]) == (metadata.version("psutil"), metadata.version("behave"))
    assert "peewee" not in found, "the shop's"

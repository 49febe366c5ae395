"""An engine whose disk is full while the images are built."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ops.errors import Exit, StackNotReady
from ops.progress import Progress
from ops.provision.daemon import Daemon
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import Layout
from ops.stacks.model import UpOptions
from ops.system import read
from ops.tests.compose import trees

DOCKERFILE = "FROM debian:trixie-slim\nCOPY large /large\n"


def small(folder: Path, megabytes: int) -> None:
    """Mount a small disk there."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)  # noqa: S607


def with_large_images(tree: Path, megabytes: int) -> Path:
    trees.copied(tree)
    (tree / ".dockerignore").unlink()
    (tree / "large").write_bytes(bytes(megabytes << 20))
    for service in ("services", "gateway"):
        (tree / service / "Dockerfile").write_text(DOCKERFILE)
    return tree


def with_base_image(daemon: Daemon, place: Path) -> None:
    (place / "root").mkdir()
    subprocess.run(["tar", "-C", place / "root", "-cf", place / "root.tar", "."], check=True)  # noqa: S607
    assert daemon.docker.run(["import", str(place / "root.tar"), "debian:trixie-slim"]).returncode == 0


def test_it_is_said_in_one_line_and_nothing_is_left(daemon: Daemon, place: Path, tmp_path: Path) -> None:
    small(place / "data", 60)
    daemon.start()
    with_base_image(daemon, place)
    tree = with_large_images(tmp_path / "tree", 40)
    stack = ComposeStack(Layout("t", tmp_path / ".ops"), daemon.docker.environment, read(tree / "docker-compose.yml"))
    with stack.layout.held(), pytest.raises(StackNotReady) as refusal:
        stack.up(UpOptions(0), Progress(quiet=True))
    assert str(refusal.value) == "the images cannot be built: the engine's disk is full"
    assert refusal.value.exit == Exit.NOT_READY
    assert stack.containers.all() == []
    assert not (tmp_path / ".ops").exists()

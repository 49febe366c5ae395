"""An engine, or a skip that says why there is none; a stack of its own home, gone at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from ops.errors import StackNotReady
from ops.progress import Progress
from ops.provision import base_image
from ops.provision.docker import Docker
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import ROOT, Layout
from ops.stacks.model import UpOptions
from ops.system import Link, read

Make: TypeAlias = Callable[..., ComposeStack]
QUIET = Progress(quiet=True)
LINK = Link("orders", "products")


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Ours, for the `docker` program."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "HOME", base_image.CHOSEN) or "DOCKER" in name
    }


@pytest.fixture(scope="session")
def docker(environment: dict[str, str]) -> Docker:
    try:
        found = Docker.find(environment)
        found.engine()
        found.compose()
        if not base_image.is_there(found):
            raise StackNotReady(f"the image {base_image.chosen(found)} is missing: python3 -m ops images")
    except StackNotReady as missing:
        pytest.skip(str(missing))
    return found


@pytest.fixture(scope="module")
def make(docker: Docker, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Makes stacks, none of which is up; whatever they have become is removed."""
    made: list[ComposeStack] = []

    def make_stack(name: str = "t", root: Path = ROOT) -> ComposeStack:
        home = tmp_path_factory.mktemp("home") / ".ops"
        made.append(ComposeStack(Layout(name, home), environment, read(root / "docker-compose.yml")))
        return made[-1]

    yield make_stack
    for stack in made:
        with stack.layout.held():
            stack.down()
        if stack.system.root != ROOT:
            forget_images(docker, stack)


def forget_images(docker: Docker, stack: ComposeStack) -> None:
    """Those of a tree that was made for one test."""
    listed = docker.run(["image", "ls", "--quiet", "--filter", f"reference=*:{stack.project().tag}"])
    docker.run(["image", "rm", "--force", *sorted(set(listed.stdout.split()))])


@pytest.fixture(scope="module")
def stack(make: Make) -> ComposeStack:
    """One that is up, with the fault proxy on one link."""
    stack = make()
    with stack.layout.held():
        stack.up(UpOptions(0, (LINK,)), QUIET)
    return stack


def replace(stack: ComposeStack, service: str) -> None:
    """As `docker compose up --force-recreate`: the service's containers are new ones and may get other addresses."""
    assert stack.state
    stack.project(stack.state.gateway.port).up("--no-deps", "--force-recreate", service)

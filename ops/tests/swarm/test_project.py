"""A small stack of Swarm, deployed, changed and taken down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.provision import base_image
from ops.provision.docker import Docker
from ops.stacks.compose.containers import Containers, connect
from ops.stacks.layout import Layout
from ops.stacks.swarm.project import SwarmProject
from ops.system import read
from ops.tests.compose.conftest import docker as docker
from ops.tests.compose.conftest import environment as environment
from ops.tests.swarm.engine import swarm

pytestmark = [pytest.mark.whole, pytest.mark.measures]  # what the engine runs meanwhile loses its names

FILE = """
x-ops: {{gateway: desk}}
services:
  desk:
    build: .
    image: {image}
    entrypoint: [sleep, {seconds}]
    expose: ["80"]
    stop_signal: SIGKILL
    deploy: {{replicas: 2, endpoint_mode: dnsrr, update_config: {{monitor: 1s}}}}
"""


@pytest.fixture
def project(docker: Docker, tmp_path: Path) -> Iterator[SwarmProject]:
    write(tmp_path, 1001)
    layout = Layout("t-desk", tmp_path / ".ops")
    layout.make()
    made = SwarmProject(connect(docker.host()), docker, layout, read(tmp_path / "compose.yml"))
    with swarm(docker):
        try:
            yield made
        finally:
            made.down()
            Containers(connect(docker.host()), made.name).remove()


def write(folder: Path, seconds: int) -> None:
    (folder / "compose.yml").write_text(FILE.format(image=base_image.NAME, seconds=f'"{seconds}"'))


def test_it_runs_as_it_was_deployed_last_and_leaves_nothing(project: SwarmProject, tmp_path: Path) -> None:
    client = connect(project.docker.host())
    containers = Containers(client, project.name)
    assert project.cluster.elsewhere("desk") == []
    for seconds in (1001, 1002):
        write(tmp_path, seconds)
        project.up()
        running = [one for one in containers.all() if one.status == "running"]
        assert [one.attrs["Args"] for one in running] == [[str(seconds)]] * 2
    project.down()
    assert containers.all() == []
    assert client.images.list(filters={"reference": f"*:{project.name}-*"}) == []
    assert client.images.get(base_image.NAME)

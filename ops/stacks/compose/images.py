"""The images of a stack, built from its tree and judged before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from docker import DockerClient

from ops import yaml_text
from ops.errors import StackNotReady
from ops.progress import Progress
from ops.provision import base_image
from ops.provision.docker import Docker, last_line
from ops.stacks.compose import containers, gateway
from ops.stacks.compose.labels import PROJECT, STACK
from ops.stacks.compose.project import Project
from ops.stacks.layout import Layout
from ops.system import HARNESS, current


def build(project: Project, client: DockerClient, layout: Layout, progress: Progress, *services: str) -> None:
    """All of them, or those of some services. Raises StackNotReady with the end of what was said."""
    base_image.provide(project.docker, layout.directory / "scratch", progress)
    progress.say(f"building {', '.join(services) or 'the images'} (about a minute the first time)", "dim")
    project.build(*services)
    containers.forget_replaced(client, project.builder)


@dataclass(frozen=True)
class Faults:
    """The image of the fault proxy, built by Compose as the others are."""

    docker: Docker
    tag: str
    builder: str

    def built(self) -> str:
        """Its name; what has not changed is not built again. Raises StackNotReady with the end of what was said."""
        program = replace(
            self.docker, environment={**self.docker.environment, "GATEPROOF_TAG": self.tag, "DOCKER_BUILDKIT": "1"}
        )
        file = HARNESS / "ops" / "faults" / "compose.yml"
        done = program.run(["compose", "--project-name", self.builder, "--file", str(file), "build", "--quiet"])
        if done.returncode:
            raise StackNotReady(f"the fault proxy's image cannot be built: {last_line(done.stderr)}")
        return f"gateproof-faults:{self.tag}"


def check(project: Project, client: DockerClient, layout: Layout, progress: Progress) -> None:
    """Let the gateway's nginx judge its configuration. Raises ConfigurationInvalid, StackNotReady."""
    labels = {PROJECT: project.name, STACK: str(layout.directory.resolve())}
    name, conf = current().gateway.name, current().gateway.nginx
    if conf and not gateway.check_image(client, yaml_text.parsed(project.config()), labels):
        progress.say(
            f"{conf.name} is not tested before {name} starts: its command, or a mount, does not allow it", "skip"
        )

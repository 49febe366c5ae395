"""The images of a stack, built from its tree and judged before anything runs."""

from __future__ import annotations

from docker import DockerClient

from ops.engine import base_image
from ops.progress import Progress
from ops.stacks.compose import containers, gateway, overlay
from ops.stacks.compose.project import Project
from ops.stacks.layout import Layout
from ops.system import current


def build(project: Project, client: DockerClient, layout: Layout, progress: Progress) -> None:
    """Raises StackNotReady with the end of what was said."""
    base_image.provide(project.docker, layout.directory / "scratch", progress)
    progress.say("building the images (about a minute the first time)", "dim")
    project.build()
    containers.forget_replaced(client, project.builder)


def check(project: Project, client: DockerClient, layout: Layout) -> None:
    """Let the gateway's nginx judge its configuration. Raises ConfigurationInvalid."""
    labels = {containers.PROJECT: project.name, overlay.LABEL: str(layout.directory.resolve())}
    if current().gateway.nginx:
        gateway.check_image(client, overlay.image(current().gateway, project.tag), labels)

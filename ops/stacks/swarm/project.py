"""The project as a stack of Swarm: its images, its secrets, and `docker stack deploy` in the order of `depends_on`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml
from docker import DockerClient
from docker.errors import APIError

from ops.errors import StackNotReady
from ops.eventually import eventually
from ops.progress import Progress
from ops.provision.docker import Docker, last_line
from ops.stacks import processes, readiness
from ops.stacks.compose.containers import Containers
from ops.stacks.compose.labels import PROJECT
from ops.stacks.compose.project import SILENT, Project
from ops.stacks.layout import Layout
from ops.stacks.swarm import stack_file
from ops.stacks.swarm.cluster import Cluster
from ops.system import System

SECRETS = "x-secrets"
"""In the Compose file: how each secret is made."""

RANDOM = "{random}"
GONE_WITHIN = processes.GRACE + 10


class SwarmProject(Project):
    """One project, whose containers Swarm makes; named, labelled and built as on Compose."""

    def __init__(
        self,
        client: DockerClient,
        docker: Docker,
        layout: Layout,
        system: System,
        port: int = 0,
        progress: Progress = SILENT,
    ) -> None:
        super().__init__(docker, layout, system, port, progress)
        self.cluster = Cluster(client, self.name)
        self._client = client
        self._file = layout.directory / "stack.yml"

    def document(self) -> Mapping[str, Any]:
        """All that the Compose files say. Raises ConfigurationInvalid."""
        return dict(yaml.safe_load(self.config()))

    @property
    def services(self) -> Mapping[str, Any]:
        """As they were deployed last, by name."""
        return dict(yaml.safe_load(self._file.read_text(encoding="utf-8"))["services"]) if self._file.exists() else {}

    def alone(
        self, service: str, command: Sequence[str], *, is_terminal: bool
    ) -> tuple[Sequence[str], Mapping[str, str]]:
        """Secrets and volumes are given to what Swarm itself starts alone. Raises StackNotReady."""
        raise StackNotReady(f"no container of {service} goes on running on this node")

    def require_place(self) -> None:
        """Raises StackNotReady, with the line to type, where there is no Swarm, or no node for a service."""
        self.cluster.require(self.document()["services"])

    def up(self, *arguments: str) -> None:
        """Deploy what is missing or has changed, step by step, and return when it runs. Raises StackNotReady."""
        config = self.document()
        self._make_secrets(config)
        stack = stack_file.document(config, self._named_images(config), self.name)
        self._write(self._file, stack)
        for services in stack_file.steps(config, stack):
            self._deploy({**stack, "services": services})

    def end(self) -> None:
        """Remove services and networks, and return when the containers are gone; data and secrets stay."""
        self.docker.run(["stack", "rm", self.name])
        containers = Containers(self._client, self.name)
        eventually(lambda: not containers.all(), GONE_WITHIN)

    def down(self) -> None:
        """Remove that, its secrets, and the names of its images."""
        self.end()
        for secret in self._secrets():
            secret.remove()
        for image in self._client.images.list(filters={"reference": f"*:{self.name}-*"}):
            for tag in image.tags:
                if f":{self.name}-" in tag:
                    self._forget(tag)

    def _forget(self, tag: str) -> None:
        """One that a container still has stays."""
        try:
            self._client.images.remove(tag)
        except APIError as refused:
            if refused.status_code != HTTPStatus.CONFLICT:
                raise

    def _deploy(self, step: Mapping[str, Any]) -> None:
        """What is not part of the step stays as it is; a job of it runs again."""
        file = self._layout.directory / "step.yml"
        self._write(file, step)
        done = self.docker.run(["stack", "deploy", "--resolve-image", "never", "--compose-file", str(file), self.name])
        if done.returncode:
            raise StackNotReady(
                f"docker stack deploy failed: {last_line(done.stderr)}",
                done.stderr.splitlines()[-readiness.LAST_LINES :],
            )
        with self._progress.rows() as rows:
            self.cluster.await_settled(step["services"], lambda said: rows.show("deploy", said))

    def _write(self, file: Path, stack: Mapping[str, Any]) -> None:
        file.write_text(yaml.safe_dump(dict(stack), sort_keys=False), encoding="utf-8")

    def _named_images(self, config: Mapping[str, Any]) -> Mapping[str, str]:
        """Each image that is built gets a name for its content: by it Swarm sees that it is another, and goes back."""
        built = {one["image"] for one in config["services"].values() if "build" in one}
        return {image: self._name_content(image) for image in sorted(built)}

    def _name_content(self, image: str) -> str:
        found = self._client.images.get(image)
        repository, tag = image.rpartition(":")[0], f"{self.name}-{found.short_id.partition(':')[2]}"
        found.tag(repository, tag)
        return f"{repository}:{tag}"

    def _make_secrets(self, config: Mapping[str, Any]) -> None:
        """Those that are not there yet: what they are stays as long as the stack's data."""
        there = {secret.name for secret in self._client.secrets.list()}
        for name, how in config.get(SECRETS, {}).items():
            if (full := config["secrets"][name]["name"]) not in there:
                self._client.secrets.create(name=full, data=self._content(config, how), labels={PROJECT: self.name})

    def _content(self, config: Mapping[str, Any], how: Mapping[str, Any]) -> bytes:
        if "content" in how:
            return str(how["content"]).replace(RANDOM, secrets.token_urlsafe(24)).encode()
        program, *words = how["prints"]
        contained = ["--network", "none", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"]  # noqa: S108
        image = config["services"][how["service"]]["image"]
        done = self.docker.run(["run", "--rm", *contained, "--entrypoint", program, image, *words])
        if done.returncode:
            raise StackNotReady(f"a secret cannot be made: {last_line(done.stderr)}")
        return done.stdout.encode()

    def _secrets(self) -> list[Any]:
        """None where there is no Swarm any more."""
        try:
            return list(self._client.secrets.list(filters={"label": f"{PROJECT}={self.name}"}))
        except APIError as refused:
            if refused.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return []

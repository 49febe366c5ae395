"""The engine as one stack uses it: the `docker` program for what Compose does, the SDK for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import DockerException

from ops.provision.docker import Docker, NoEngine
from ops.stacks.compose import containers


@dataclass(frozen=True)
class Engine:
    """Both ways to the same engine."""

    docker: Docker
    client: DockerClient

    @classmethod
    def reached(cls, environment: Mapping[str, str]) -> Engine:
        """Raises NoEngine."""
        program = Docker.find(environment)
        try:
            return cls(program, containers.connect(program.host()))
        except DockerException as refused:
            raise NoEngine(f"no Docker Engine answers: {refused}") from None

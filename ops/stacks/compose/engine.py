"""The engine as one stack uses it: the `docker` program for what Compose does, the SDK for the rest."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import DockerException
from requests import RequestException

from ops.provision.docker import Docker, NoEngine
from ops.stacks.compose import containers


@dataclass(frozen=True)
class Engine:
    """Both ways to the same engine."""

    docker: Docker
    client: DockerClient

    @classmethod
    def reached(cls, environment: Mapping[str, str], patience: float = 60) -> Engine:
        """No call of it waits longer than `patience` seconds for what comes next. Raises NoEngine."""
        program = Docker.find(environment)
        with answering():
            return cls(program, containers.connect(program.host(), patience))


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Raises NoEngine where the engine is not there, refuses or says nothing in time."""
    try:
        yield
    except (DockerException, RequestException) as refused:
        raise NoEngine(f"no Docker Engine answers: {refused}") from None

"""`images`: the image that the Compose stack's own ones stand on."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from ops.outcome import Outcome
from ops.progress import Progress
from ops.provision import base_image
from ops.provision.docker import Docker
from ops.stacks import registry


@click.command()
def images() -> Outcome:
    """See to it that Docker has the base image: pulled, or made from Debian's packages by root on Debian."""
    docker = Docker.find(registry.environment())
    docker.engine()
    with tempfile.TemporaryDirectory(prefix="gateproof-") as scratch:
        base_image.provide(docker, Path(scratch, "base"), Progress())
    return Outcome(f"{base_image.chosen(docker)} is there; up and verify --stack compose build the rest on it")

"""The Docker Engine that the Compose stack is tested on: the one that answers, or one of our own for the run."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from ops.errors import StackNotReady
from ops.progress import Progress
from ops.provision import base_image, daemon, plugins
from ops.provision.docker import Docker
from ops.stacks import registry
from ops.stacks.layout import OPS


@contextlib.contextmanager
def provided(demanded: bool, progress: Progress) -> Iterator[None]:
    """See to it that there is all that Compose stacks need; where it is not `demanded`, say what will be skipped.

    Raises StackNotReady, with what is missing, when it is demanded and cannot be had.
    """
    with _engine(demanded, progress):
        if lacking := missing(progress):
            if demanded:
                raise lacking
            progress.say(f"- what needs the Compose stack is skipped: {lacking}", "skip")
        yield


def missing(progress: Progress) -> StackNotReady | None:
    """What keeps a Compose stack from coming up here, after what we may has been done about it; None for nothing."""
    try:
        docker = Docker.find(registry.environment())
        docker.engine()
        plugins.provide(docker, progress)
        with tempfile.TemporaryDirectory(prefix="gateproof-") as scratch:
            base_image.provide(docker, Path(scratch, "base"), progress)
    except StackNotReady as lacking:
        return lacking
    return None


def _engine(demanded: bool, progress: Progress) -> AbstractContextManager[object]:
    if not demanded:
        return nullcontext()
    return daemon.running(registry.environment(), OPS / "dockerd.log", progress)

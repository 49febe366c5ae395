"""Stacks of this checkout that `docker compose up` started: found by Compose's labels, without their names."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.provision import troubles
from ops.provision.docker import Docker, NoEngine, last_line
from ops.stacks.compose.labels import FILES, FOLDER, PROJECT, SERVICE, SETTINGS, STACK
from ops.stacks.layout import NAME
from ops.stacks.model import Stack
from ops.system import System, current

PATIENCE = 5.0
"""Seconds that the engine has to say whether there is one."""

LABELS = (PROJECT, FILES, FOLDER, SETTINGS, STACK)


def find(environment: Mapping[str, str], home: Path) -> Sequence[Stack]:
    """Those that run this system on this machine's engine; what is kept of one lies in `home`. Raises NoEngine."""
    if shutil.which("docker", path=environment.get("PATH")) is None:
        return ()
    system = current()
    ours = {one[PROJECT]: one for one in _gateways(environment, system) if _is_of(one, system)}
    if not (named := {name: labels for name, labels in sorted(ours.items()) if NAME.fullmatch(name)}):
        return ()
    from ops.stacks.compose import adopted  # the SDK takes its time, and mostly there is none

    return adopted.running(named, system, environment, home)


def _gateways(environment: Mapping[str, str], system: System) -> list[Mapping[str, str]]:
    """The labels of every container that Compose made of a service so named. Raises NoEngine."""
    shown = "\t".join(f'{{{{.Label "{label}"}}}}' for label in LABELS)
    named = f"label={SERVICE}={system.gateway.name}"
    try:
        said = Docker.find(environment).run(["ps", "--all", "--filter", named, "--format", shown], timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise NoEngine(f"Docker Engine does not answer within {PATIENCE:.0f} s") from None
    if said.returncode:
        raise NoEngine(troubles.explained(said.stderr) or f"no Docker Engine answers: {last_line(said.stderr)}")
    return [dict(zip(LABELS, line.split("\t"), strict=True)) for line in said.stdout.splitlines()]


def _is_of(labels: Mapping[str, str], system: System) -> bool:
    """Whether Compose made it of this system's file, in this system's folder, and by hand."""
    if labels[STACK]:
        return False
    files = [Path(file).resolve() for file in labels[FILES].split(",")]
    return system.file in files and Path(labels[FOLDER]).resolve() == system.root

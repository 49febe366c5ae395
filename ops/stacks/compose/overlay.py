"""What one stack adds to docker-compose.yml: its label and its settings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ops.stacks.layout import Layout
from ops.stacks.topology import GATEWAY, SERVICES

LABEL = "gateproof.stack"
"""On every container, network and volume: the folder of the stack."""

PORT = 8000
"""Where a service listens inside its container."""

GATEWAY_PORT = 8080
SETTINGS = "/run/settings"
HEALTH_INTERVAL = "10s"
"""Nobody here waits for a health check, and every second those of all containers together take a third of a core."""

Document = dict[str, Any]


def write(file: Path, layout: Layout, settings: Sequence[tuple[str, str]]) -> None:
    """Write the overlay of `layout`'s stack to `file`; JSON is YAML."""
    file.write_text(json.dumps(document(layout, settings), indent=1))


def document(layout: Layout, settings: Sequence[tuple[str, str]]) -> Document:
    """`settings` go to every service; one that names a file (`*_FILE`) gets a copy of that file in its container."""
    label = {"labels": {LABEL: str(layout.directory.resolve())}}
    services: dict[str, Document] = {"keys": dict(label)}
    services |= {name: label | {"healthcheck": {"interval": HEALTH_INTERVAL}} for name in (GATEWAY, *SERVICES)}
    for name in SERVICES:
        services[name] |= _set(dict(settings), layout)
    return {
        "services": services,
        "networks": {name: label for name in ("outside", "inside")},
        "volumes": {name: label for name in (*SERVICES, "keys")},
    }


def _set(settings: Mapping[str, str], layout: Layout) -> Document:
    files = {name: _copied(name, Path(value), layout) for name, value in settings.items() if name.endswith("_FILE")}
    inside = {name: f"{SETTINGS}/{name.lower()}" for name in files}
    mounts = [_read_only(files[name], inside[name]) for name in files]
    return {"environment": {**settings, **inside}, "volumes": mounts}


def _copied(name: str, file: Path, layout: Layout) -> Path:
    """A copy that the service's user may read; the original may be its owner's alone."""
    copy = layout.directory / name.lower()
    if file.exists() or not copy.exists():
        shutil.copyfile(file, copy)
    copy.chmod(0o644)
    return copy.resolve()


def _read_only(source: Path, target: str) -> Document:
    return {"type": "bind", "source": str(source.resolve()), "target": target, "read_only": True}

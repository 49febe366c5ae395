"""What one stack adds to docker-compose.yml: its label and its settings."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ops.stacks.compose import labels
from ops.stacks.layout import Layout
from ops.stacks.state import State
from ops.system import HEALTHY, HOST, Service, System, current

SETTINGS = "/run/settings"
HEALTH_INTERVAL = "10s"
"""Of a health check that nobody waits for: every second those of all containers together take a third of a core."""

Document = dict[str, Any]


class Override(list[Any]):
    """A list that takes the place of the one in the Compose file, where Compose would join the two."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(Override, lambda dumper, data: dumper.represent_sequence("!override", data))


def image(system: System, service: Service, tag: str) -> str:
    """The name of its image: that of the tree that it is built from. Images take no `__`, and no sign at the end."""
    return f"{re.sub(r'[_-]+', '-', system.name).rstrip('-')}-{service.name}:{tag}"


def write(file: Path, overlay: Document) -> None:
    """Write it to `file`."""
    file.write_text(yaml.dump(overlay, Dumper=_Dumper, sort_keys=False), encoding="utf-8")


def document(
    layout: Layout,
    state: State,
    tag: str,
    settings: Sequence[tuple[str, str]],
    health_interval: str | None = HEALTH_INTERVAL,
) -> Document:
    """`settings` go to every service; one that names a file (`*_FILE`) gets a copy of that file in its container.

    Health checks that no other service waits for have that interval, or without one their own.
    """
    label = {"labels": {labels.STACK: str(layout.directory.resolve())}}
    system = current()
    images = {one.image: image(system, one, tag) for one in (*system.parts, *system.jobs) if one.is_built and one.image}
    services: dict[str, Document] = {one.name: dict(label) for one in (*system.jobs, *system.parts)}
    for one in (*system.jobs, *system.parts):
        if built := images.get(one.image or "") or (image(system, one, tag) if one.is_built else None):
            services[one.name] |= {"image": built}
        services[one.name] |= {"ports": Override()} if one.is_published else {}
    waited = {name for one in (*system.jobs, *system.parts) for name, how in one.after.items() if how == HEALTHY}
    for one in system.parts:
        if health_interval and one.has_healthcheck and one.name not in waited:
            services[one.name] |= {"healthcheck": {"interval": health_interval}}
    for name in system.names:
        services[name] |= _set(dict(settings), layout) | {"deploy": {"replicas": len(state.replicas(name))}}
    front = services[system.gateway.name]
    front["ports"] = Override([f"{HOST}:{state.gateway.port}:{system.gateway.port}"])
    return {
        "services": services,
        "networks": {name: label for name in system.networks},
        "volumes": {name: label for name in system.volumes},
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

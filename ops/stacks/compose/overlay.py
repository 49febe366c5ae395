"""What one stack adds to docker-compose.yml: its label, its settings, and the fault proxy while it is wanted."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ops.faults.addresses import Address, LinkPlan, arguments
from ops.stacks.layout import Layout
from ops.stacks.state import State
from ops.system import HOST, Link, Service, current

LABEL = "gateproof.stack"
"""On every container, network and volume: the folder of the stack."""

PORT = 8000
PROXY = "faults"
CONTROL_PORT = 9000
SETTINGS = "/run/settings"
ANYWHERE = "0.0.0.0"  # noqa: S104  # inside its container
OUTSIDE = "outside"
GATEWAY_FILE = "/etc/gateway/stack/main.conf"
HEALTH_INTERVAL = "10s"
"""Nobody here waits for a health check, and every second those of all containers together take a third of a core."""

Document = dict[str, Any]


class Override(list[Any]):
    """A list that takes the place of the one in the Compose file, where Compose would join the two."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(Override, lambda dumper, data: dumper.represent_sequence("!override", data))


def image(service: Service, tag: str) -> str:
    """The name of its image: that of the tree that it is built from."""
    return f"{current().name}-{service.name}:{tag}"


def write(file: Path, layout: Layout, state: State, tag: str, settings: Sequence[tuple[str, str]]) -> None:
    """Write the overlay of `layout`'s stack to `file`."""
    file.write_text(yaml.dump(document(layout, state, tag, settings), Dumper=_Dumper, sort_keys=False))


def document(layout: Layout, state: State, tag: str, settings: Sequence[tuple[str, str]]) -> Document:
    """`settings` go to every service; one that names a file (`*_FILE`) gets a copy of that file in its container."""
    label = {"labels": {LABEL: str(layout.directory.resolve())}}
    system = current()
    images = {one.image: image(one, tag) for one in (*system.parts, *system.jobs) if one.is_built}
    services: dict[str, Document] = {one.name: dict(label) for one in (*system.jobs, *system.parts)}
    for one in (*system.jobs, *system.parts):
        services[one.name] |= {"image": images[one.image]} if one.image in images else {}
        services[one.name] |= {"ports": Override()} if one.is_published else {}
    for one in system.parts:
        services[one.name] |= {"healthcheck": {"interval": HEALTH_INTERVAL}} if one.has_healthcheck else {}
    for name in system.names:
        services[name] |= _set(name, state, dict(settings), layout)
    front = services[system.gateway.name]
    front["ports"] = Override([f"{HOST}:{state.gateway.port}:{system.gateway.port}"])
    front["volumes"] = [_read_only(_gateway_file(layout), GATEWAY_FILE)]
    if state.links:
        services[PROXY] = label | _proxy(state, tag)
    return {
        "services": services,
        "networks": {name: label for name in system.networks},
        "volumes": {name: label for name in system.volumes},
    }


def write_gateway(layout: Layout, state: State, root: Path) -> bool:
    """Write where the gateway finds the services; True when that is not what stood there.

    In place, because its container sees this file and not another of the same name.
    """
    text = (root / "gateway" / "stack" / "main.conf").read_text()
    for link in map(current().link, state.links):
        if link.caller == current().gateway.name:
            text = text.replace(f"default {link.peer}:{PORT};", f"default {way(link, state)};")
    file = _gateway_file(layout)
    changed = not file.exists() or file.read_text() != text
    file.write_text(text)
    file.chmod(0o644)
    return changed


def peers(service: str, state: State) -> dict[str, str]:
    """Those of its peers that it asks through the proxy."""
    through = [link for link in map(current().link, state.links) if link.caller == service]
    return {f"{link.peer.upper()}_URL": f"http://{way(link, state)}" for link in through}


def way(link: Link, state: State) -> str:
    """Where the caller finds its peer, `name:port`: itself, or the proxy by a name that only this link knows."""
    port = state.links.get(str(link))
    return f"{link.peer}:{PORT}" if port is None else f"{network(link)}:{port}"


def network(link: Link) -> str:
    """The network in docker-compose.yml that this link has for itself."""
    return f"{link.caller}-{link.peer}"


def _gateway_file(layout: Layout) -> Path:
    return layout.directory / "gateway-main.conf"


def _set(service: str, state: State, settings: Mapping[str, str], layout: Layout) -> Document:
    files = {name: _copied(name, Path(value), layout) for name, value in settings.items() if name.endswith("_FILE")}
    inside = {name: f"{SETTINGS}/{name.lower()}" for name in files}
    mounts = [_read_only(files[name], inside[name]) for name in files]
    return {"environment": {**settings, **inside, **peers(service, state)}, "volumes": mounts}


def _copied(name: str, file: Path, layout: Layout) -> Path:
    """A copy that the service's user may read; the original may be its owner's alone."""
    copy = layout.directory / name.lower()
    if file.exists() or not copy.exists():
        shutil.copyfile(file, copy)
    copy.chmod(0o644)
    return copy.resolve()


def _read_only(source: Path, target: str) -> Document:
    return {"type": "bind", "source": str(source.resolve()), "target": target, "read_only": True}


def _proxy(state: State, tag: str) -> Document:
    """Contained like the services; on the network outside only because nothing else can be published."""
    plans = [
        LinkPlan(link, Address(ANYWHERE, port), Address(current().link(link).peer, PORT))
        for link, port in state.links.items()
    ]
    named = [network(current().link(link)) for link in state.links]
    return {
        "image": f"gateproof-{PROXY}:{tag}",
        "build": {"context": ".", "dockerfile": "ops/faults/Dockerfile"},
        "command": arguments(Address(ANYWHERE, CONTROL_PORT), plans),
        "ports": [f"{HOST}:{state.control}:{CONTROL_PORT}"],
        "networks": {OUTSIDE: {}, **{name: {"aliases": [name]} for name in named}},
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "deploy": {"resources": {"limits": {"memory": "128M", "pids": 16}}},
        "logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}},
    }

"""What `docker stack deploy` takes, made of what `docker compose config` says; no engine is asked."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

from ops.stacks.compose.labels import PROJECT, SERVICE

Document = dict[str, Any]

VERSION = "3.9"
"""Of the file; `docker stack` before 23.0 wants to be given one."""

AS_THEY_ARE = (
    *("image", "entrypoint", "command", "working_dir", "user", "environment", "hostname", "extra_hosts", "init"),
    *("networks", "dns", "dns_search", "deploy", "healthcheck", "stop_signal", "stop_grace_period", "logging"),
    *("secrets", "configs", "read_only", "cap_add", "cap_drop", "sysctls", "ulimits", "tty", "stdin_open"),
)
"""Keys of a service that mean the same to both. `build`, `restart` and `security_opt` mean nothing to Swarm."""

UNITS = {"b": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def document(config: Mapping[str, Any], images: Mapping[str, str], project: str) -> Document:
    """The whole stack; `images` has another name for some of them, and each container is labelled as Compose would.

    A service of no replicas is left out.
    """
    services = {name: one for name, one in config["services"].items() if one.get("deploy", {}).get("replicas") != 0}
    labels = {PROJECT: project}
    volumes = {mount["source"] for one in services.values() for mount in one.get("volumes") or () if _is_named(mount)}
    return {
        "version": VERSION,
        "services": {name: _service(name, one, images, labels) for name, one in services.items()},
        "networks": {name: _labelled(one, labels) for name, one in (config.get("networks") or {}).items()},
        "volumes": {name: _labelled(one, labels) for name, one in config.get("volumes", {}).items() if name in volumes},
        **{key: config[key] for key in ("secrets", "configs") if key in config},
    }


def steps(config: Mapping[str, Any], stack: Document) -> list[Document]:
    """Its services in the order in which they are deployed: Swarm itself knows none."""
    there = stack["services"]
    sorter = TopologicalSorter(
        {name: [one for one in config["services"][name].get("depends_on") or () if one in there] for name in there}
    )
    sorter.prepare()
    found = []
    while sorter.is_active():
        ready = sorter.get_ready()
        found.append({name: there[name] for name in there if name in ready})
        sorter.done(*ready)
    return found


def _service(name: str, one: Mapping[str, Any], images: Mapping[str, str], labels: Mapping[str, str]) -> Document:
    kept = {key: one[key] for key in AS_THEY_ARE if one.get(key) is not None}
    mounts = [*(one.get("volumes") or ()), *_in_memory(one)]
    return {
        **kept,
        "image": images.get(one["image"], one["image"]),
        "labels": {**(one.get("labels") or {}), **labels, SERVICE: name},
        "environment": {**(one.get("environment") or {}), **_resolver(one)},
        **({"volumes": mounts} if mounts else {}),
        **({"ports": [_port(port) for port in one["ports"]]} if one.get("ports") else {}),
    }


def _port(port: Mapping[str, Any]) -> Document:
    """On the node itself, so that a service sees who calls. Swarm publishes at all addresses of a node."""
    return {"target": port["target"], "published": int(port["published"]), "protocol": port["protocol"], "mode": "host"}


def _in_memory(one: Mapping[str, Any]) -> list[Document]:
    """Mounts in memory: Swarm has neither `tmpfs` nor `shm_size`. Every user of the container may write there."""
    given = [mount.partition(":") for mount in one.get("tmpfs") or ()]
    found = {target: dict(_pair(option) for option in options.split(",") if option) for target, _, options in given}
    if size := one.get("shm_size"):
        found["/dev/shm"] = {"size": str(size)}  # noqa: S108  # in the container
    return [
        {"type": "tmpfs", "target": target, "tmpfs": {"size": _bytes(options["size"])} if "size" in options else {}}
        for target, options in found.items()
    ]


def _resolver(one: Mapping[str, Any]) -> Document:
    """glibc takes from its environment what Swarm's services have no `dns_opt` for."""
    return {"RES_OPTIONS": " ".join(one["dns_opt"])} if one.get("dns_opt") else {}


def _labelled(one: Mapping[str, Any] | None, labels: Mapping[str, str]) -> Document:
    kept = {key: value for key, value in (one or {}).items() if value}
    return kept if "external" in kept else {**kept, "labels": {**kept.get("labels", {}), **labels}}


def _is_named(mount: Mapping[str, Any]) -> bool:
    return mount["type"] == "volume" and "source" in mount


def _pair(option: str) -> tuple[str, str]:
    name, _, value = option.partition("=")
    return name, value


def _bytes(size: str) -> int:
    """Of `16m` and its kin."""
    digits = size.lower().rstrip("b").rstrip("kmg")
    return int(digits) * UNITS[size.lower().rstrip("b")[len(digits) :] or "b"]

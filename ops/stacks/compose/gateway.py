"""The gateway's configuration as nginx itself judges it: in its image before anything runs, and where it runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from docker import DockerClient
from docker.errors import ContainerError

from ops.checks import CheckResult
from ops.engine.docker import Docker
from ops.errors import ConfigurationInvalid
from ops.stacks.compose import containers

INSIDE = "/etc/gateway/"
PREFIX = "/run/gateway/"
NGINX = ("nginx", "-p", PREFIX, "-c", f"{INSIDE}nginx.conf", "-e", "stderr")
TEST = (*NGINX, "-t")
WITHIN = 15.0
NOT_STARTED = f'"{PREFIX}nginx.pid" failed'
"""In what it says: it has only just been started."""


def check_image(client: DockerClient, image: str, labels: Mapping[str, str]) -> None:
    """Raises ConfigurationInvalid with file and line when the image's nginx refuses its configuration."""
    try:
        client.containers.run(image, ["-t"], labels=dict(labels), remove=True, network_mode="none", cap_drop=["ALL"])
    except ContainerError as refused:
        raise _refused(refused.stderr.decode(errors="replace")) from None


def check_running(docker: Docker, container: Any) -> CheckResult:
    """The same of the gateway that runs."""
    done = containers.inside(docker, container, TEST)
    return CheckResult("nginx -t (in the container)", done.returncode == 0, _said(done.stderr), 0)


def reload(docker: Docker, container: Any) -> None:
    """Take up a changed configuration; return when its old workers have answered what they were asked.

    Raises ConfigurationInvalid.
    """
    deadline = time.monotonic() + WITHIN
    old = _workers(container)
    done = containers.inside(docker, container, [*NGINX, "-s", "reload"])
    while done.returncode and NOT_STARTED in done.stderr and time.monotonic() < deadline:
        time.sleep(0.05)
        done = containers.inside(docker, container, [*NGINX, "-s", "reload"])
    if done.returncode:
        raise _refused(done.stderr)
    while old & _workers(container) and time.monotonic() < deadline:
        time.sleep(0.05)


def _workers(container: Any) -> set[str]:
    """The process IDs of its workers."""
    listed = container.top()
    pid = listed["Titles"].index("PID")
    return {process[pid] for process in listed["Processes"] if "worker process" in process[-1]}


def _refused(output: str) -> ConfigurationInvalid:
    return ConfigurationInvalid(f"nginx refuses the gateway's configuration: {_said(output)}")


def _said(output: str) -> str:
    """nginx's own finding, with the files as they are named in the tree."""
    lines = output.strip().splitlines()
    findings = [line for line in lines if "[emerg]" in line] or lines[-1:]
    return "; ".join(finding.replace(INSIDE, "gateway/").removeprefix("nginx: ") for finding in findings)

"""The gateway's configuration as nginx itself judges it: in its image before anything runs, and where it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker import DockerClient
from docker.errors import ContainerError

from ops.checks import CheckResult
from ops.errors import ConfigurationInvalid
from ops.provision.docker import Docker
from ops.stacks.compose import containers

INSIDE = "/etc/gateway/"
PREFIX = "/run/gateway/"
NGINX = ("nginx", "-p", PREFIX, "-c", f"{INSIDE}nginx.conf", "-e", "stderr")
TEST = (*NGINX, "-t")


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


def _refused(output: str) -> ConfigurationInvalid:
    return ConfigurationInvalid(f"nginx refuses the gateway's configuration: {_said(output)}")


def _said(output: str) -> str:
    """nginx's own finding, with the files as they are named in the tree."""
    lines = output.strip().splitlines()
    findings = [line for line in lines if "[emerg]" in line] or lines[-1:]
    return "; ".join(finding.replace(INSIDE, "gateway/").removeprefix("nginx: ") for finding in findings)

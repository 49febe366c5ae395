"""The gateway's configuration as nginx itself judges it: in its image before anything runs, and where it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker import DockerClient
from docker.errors import ContainerError

from ops.checks import CheckResult
from ops.errors import ConfigurationInvalid

INSIDE = "/etc/gateway/"
PREFIX = "/run/gateway/"
TEST = ("nginx", "-p", PREFIX, "-c", f"{INSIDE}nginx.conf", "-e", "stderr", "-t")


def check_image(client: DockerClient, image: str, labels: Mapping[str, str]) -> None:
    """Raises ConfigurationInvalid with file and line when the image's nginx refuses its configuration."""
    try:
        client.containers.run(image, ["-t"], labels=dict(labels), remove=True, network_mode="none", cap_drop=["ALL"])
    except ContainerError as refused:
        raise ConfigurationInvalid(f"nginx refuses the gateway's configuration: {_said(refused.stderr)}") from None


def check_running(container: Any) -> CheckResult:
    """The same of the gateway that runs."""
    done = container.exec_run(list(TEST))
    return CheckResult("nginx -t (in the container)", done.exit_code == 0, _said(done.output), 0)


def _said(output: bytes) -> str:
    """nginx's own finding, with the files as they are named in the tree."""
    lines = output.decode(errors="replace").strip().splitlines()
    findings = [line for line in lines if "[emerg]" in line] or lines[-1:]
    return "; ".join(finding.replace(INSIDE, "gateway/").removeprefix("nginx: ") for finding in findings)

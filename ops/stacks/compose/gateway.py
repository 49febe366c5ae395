"""The gateway's configuration as nginx itself judges it: in its image before anything runs, and where it runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from docker import DockerClient
from docker.errors import ContainerError

from ops.checks import CheckResult
from ops.errors import ConfigurationInvalid
from ops.provision.docker import Docker
from ops.stacks.compose import containers
from ops.system import current

NEEDED = ["CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID"]
"""Of an nginx that is started by root: it makes its folders, and they are its workers'."""

ETC = re.compile(r"/etc/[\w.-]+/")
"""Where an image has its configuration."""


def check_image(client: DockerClient, image: str, names: Iterable[str], labels: Mapping[str, str]) -> None:
    """Raises ConfigurationInvalid with file and line when the image's nginx refuses its configuration.

    `names` are those of the services, which nginx may look up when it reads it: here they lead nowhere.
    """
    program, *arguments = _tested(client.images.get(image).attrs["Config"])
    nowhere = dict.fromkeys(names, "127.0.0.1")
    contained = {"network_mode": "none", "cap_drop": ["ALL"], "cap_add": NEEDED, "extra_hosts": nowhere}
    try:
        client.containers.run(image, arguments, entrypoint=program, labels=dict(labels), remove=True, **contained)
    except ContainerError as refused:
        raise _refused(refused.stderr.decode(errors="replace")) from None


def check_running(docker: Docker, container: Any) -> CheckResult:
    """The same of the gateway that runs."""
    done = containers.inside(docker, container, _tested(container.attrs["Config"]))
    return CheckResult("nginx -t (in the container)", done.returncode == 0, _said(done.stderr), 0)


def _tested(config: Mapping[str, Any]) -> list[str]:
    """The command of an image or container, as the test of its configuration: without `-g …`, which is for its run."""
    argv = [*(config["Entrypoint"] or ()), *(config["Cmd"] or ())]
    if "-g" in argv:
        at = argv.index("-g")
        del argv[at : at + 2]
    return [*argv, "-t"]


def _refused(output: str) -> ConfigurationInvalid:
    return ConfigurationInvalid(f"nginx refuses the gateway's configuration: {_said(output)}")


def _said(output: str) -> str:
    """nginx's own finding, with the files as they are named in the tree."""
    lines = output.strip().splitlines()
    findings = [line for line in lines if "[emerg]" in line] or lines[-1:]
    return "; ".join(ETC.sub(f"{_folder()}/", finding).removeprefix("nginx: ") for finding in findings)


def _folder() -> str:
    conf = current().gateway.nginx
    return conf.parent.name if conf else "gateway"

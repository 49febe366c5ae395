"""The gateway's configuration as nginx itself judges it: in its image before anything runs, and where it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from docker import DockerClient
from docker.errors import DockerException, ImageNotFound
from docker.types import Mount
from requests import ConnectionError, Timeout

from ops.checks import CheckResult
from ops.errors import ConfigurationInvalid, StackNotReady
from ops.provision.docker import Docker
from ops.stacks.compose import containers
from ops.system import current

NEEDED = ["CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID"]
"""Of an nginx that is started by root: it makes its folders, and they are its workers'."""

WITHIN = 30.0
"""Seconds for a test; nginx itself takes some milliseconds."""

SCRIPT = re.compile(r"-\w*c")
"""What stands before a shell's script."""

NGINX = re.compile(
    r"(?:^|[;&|(\n]|(?<![\w-])(?:exec|then|do|else)\s)\s*(?P<program>(?:[\w./-]*/)?nginx)(?=\s|$)"
    r"(?=(?P<given>(?:'[^']*'|\"[^\"]*\"|[^;&|)\n'\"])*))"
)
"""Where a shell's script starts it, and with what."""

OPTION = re.compile(r"-[?hvVtTqspecg]")
"""How an option of nginx begins: what is followed by anything else, as in `su-exec nginx nginx`, is another's word."""

FINDING = "[emerg]"
"""In nginx's line about what it refuses."""

ETC = re.compile(r"/etc/[\w.-]+/")
"""Where an image has its configuration."""


def check_image(client: DockerClient, document: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Let nginx judge its configuration, in the gateway's image with what is mounted there; False where untested.

    `document` is the whole configuration of Compose. Untested is what does not start nginx by its name, goes on after
    its test, ends without a finding of nginx, or has a mount that is not there before the stack is. Raises
    ConfigurationInvalid with file and line, StackNotReady when there is no such image.
    """
    gateway = current().gateway
    own = document["services"][gateway.name]
    try:
        command = _tested(_argv(own, _image(client, own["image"]).attrs["Config"]))
        mounts = _mounts(own, document)
        return command is not None and mounts is not None and _holds(client, own, command, mounts, labels)
    except DockerException as trouble:
        raise StackNotReady(f"the configuration of {gateway.name} cannot be tested: {trouble}") from None


def _image(client: DockerClient, name: str) -> Any:
    try:
        return client.images.get(name)
    except ImageNotFound:
        return client.images.pull(name)


def _holds(
    client: DockerClient,
    own: Mapping[str, Any],
    command: Sequence[str],
    mounts: Sequence[Mount],
    labels: Mapping[str, str],
) -> bool:
    """False for what does not end, or fails without a finding.

    The services, which nginx may look up when it reads it, lead nowhere here.
    """
    nowhere = dict.fromkeys(current().gateway.calls, "127.0.0.1")
    contained = {"network_mode": "none", "cap_drop": ["ALL"], "cap_add": NEEDED, "extra_hosts": nowhere}
    settings = {name: _plain(value) for name, value in (own.get("environment") or {}).items() if value is not None}
    folders = {folder: options for folder, _, options in (one.partition(":") for one in own.get("tmpfs") or ())}
    as_there = {"environment": settings, "tmpfs": folders, "user": own.get("user"), "mounts": list(mounts)}
    container = client.containers.create(
        own["image"], list(command[1:]), entrypoint=command[0], labels=dict(labels), **as_there, **contained
    )
    try:
        container.start()
        has_failed = container.wait(timeout=WITHIN)["StatusCode"] != 0
        output = container.logs().decode(errors="replace")
        if has_failed and FINDING in output:
            raise ConfigurationInvalid(f"nginx refuses the gateway's configuration: {_said(output)}")
        return not has_failed
    except (ConnectionError, Timeout):
        return False
    finally:
        container.remove(force=True, v=True)


def check_running(docker: Docker, container: Any) -> CheckResult | None:
    """The same of the gateway that runs; None where it is not tested."""
    config = container.attrs["Config"]
    if (command := _tested([*(config["Entrypoint"] or ()), *(config["Cmd"] or ())], is_alone=True)) is None:
        return None
    done = containers.inside(docker, container, command)
    if done.returncode and FINDING not in done.stderr:
        return None
    return CheckResult("nginx -t (in the container)", done.returncode == 0, _said(done.stderr), 0)


def _argv(own: Mapping[str, Any], image: Mapping[str, Any]) -> list[str]:
    """What the container runs: the Compose file may replace what the image has."""
    entrypoint, command = ([*map(_plain, own.get(key) or ())] for key in ("entrypoint", "command"))
    return [*(entrypoint or image["Entrypoint"] or ()), *(command or (not entrypoint and image["Cmd"]) or ())]


def _plain(value: object) -> str:
    """Compose writes `$` as `$$`."""
    return str(value).replace("$$", "$")


def _mounts(own: Mapping[str, Any], document: Mapping[str, Any]) -> list[Mount] | None:
    """The files and folders of this machine that the container sees; None where it sees others, such as a volume's."""
    volumes, known = own.get("volumes") or (), document.get("configs") or {}
    configs = [(one.get("target") or f"/{one['source']}", known[one["source"]]) for one in own.get("configs") or ()]
    is_all = all(one["type"] == "bind" for one in volumes) and all("file" in config for _, config in configs)
    if not is_all or own.get("secrets") or own.get("volumes_from"):
        return None
    binds = [(one["target"], one["source"]) for one in volumes]
    files = [(target, config["file"]) for target, config in configs]
    return [Mount(target, source, type="bind", read_only=True) for target, source in (*binds, *files)]


def _tested(argv: Sequence[str], *, is_alone: bool = False) -> list[str] | None:
    """The command as the test of its configuration, `is_alone` without what it does before; None without nginx.

    A shell's script is searched for nginx.
    """
    for at, word in enumerate(argv):
        if (found := NGINX.search(word)) and at and SCRIPT.fullmatch(argv[at - 1]):
            script = f"{found['program']} -t{found['given']}"
            return ["sh", "-c", script] if is_alone else [*argv[:at], NGINX.sub(r"\g<0> -t", word), *argv[at + 1 :]]
        if PurePosixPath(word).name == "nginx" and all(map(OPTION.match, argv[at + 1 : at + 2])):
            return [*argv[at if is_alone else 0 : at + 1], "-t", *argv[at + 1 :]]
    return None


def _said(output: str) -> str:
    """nginx's own finding, with the files as they are named in the tree."""
    lines = output.strip().splitlines()
    findings = [line for line in lines if FINDING in line] or lines[-1:]
    return "; ".join(ETC.sub(f"{_folder()}/", finding).removeprefix("nginx: ") for finding in findings)


def _folder() -> str:
    conf = current().gateway.nginx
    return conf.parent.name if conf else "gateway"

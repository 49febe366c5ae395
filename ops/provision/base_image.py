"""The image that ours stand on: the engine's own, else pulled, else made from Debian's packages.

Made here it has the same name as the official one, and this machine's certificate authorities, so that what a build
downloads is trusted through a proxy that this machine trusts. Its apt uses this machine's mirror.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ops import debian
from ops.errors import StackNotReady
from ops.progress import Progress
from ops.provision import mirror, troubles
from ops.provision.docker import Docker, last_line

NAME = "debian:trixie-slim"
CHOSEN = "GATEPROOF_BASE"
"""Names another image in the environment, best by its digest; that one is never made here."""
PULL_WITHIN = 120.0
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
USELESS = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "var/cache/apt", "var/lib/apt/lists")
DEBOOTSTRAP = ("debootstrap", "--variant=minbase", "--include=ca-certificates", mirror.NEWER)
ALONE = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
"""A program started like this ends with us, however we end, with its children and mounts; not all places allow it."""


def provide(docker: Docker, scratch: Path, progress: Progress) -> None:
    """See to it that the engine has the image; `scratch` is a folder to make it in, which is gone afterwards.

    Raises StackNotReady, saying what to do, where it can neither be pulled nor made.
    """
    name = chosen(docker)
    if is_there(docker) or (why := _pull(docker)) is None:
        return
    if name != NAME:
        raise StackNotReady(f"the image {name} ({CHOSEN}) cannot be pulled ({why})")
    if mirror.find() is None:
        advice = "pull or `docker load` it, or run `python3 -m ops images` as root on Debian"
        raise StackNotReady(f"the image {NAME} cannot be pulled ({why}); {advice}")
    progress.say(f"{NAME} cannot be pulled ({why}): making it from Debian's packages (only now; about 40 s)")
    make(docker, scratch)


def chosen(docker: Docker) -> str:
    """The image's name."""
    return docker.environment.get(CHOSEN) or NAME


def is_there(docker: Docker) -> bool:
    """True when the engine has the image."""
    return docker.run(["image", "inspect", "--format", "{{.Id}}", chosen(docker)]).returncode == 0


def make(docker: Docker, scratch: Path) -> None:
    """Make the image with debootstrap. Raises StackNotReady with the last lines of what failed."""
    site = mirror.find()
    if site is None or not debian.install("debootstrap"):
        raise StackNotReady(f"{NAME} can only be made by root on Debian, with the package debootstrap")
    root = scratch / "root"
    try:
        root.mkdir(parents=True)
        _run([*_alone(), *DEBOOTSTRAP, str(root), site], "debootstrap")
        _trim(root)
        _import(docker, root)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _pull(docker: Docker) -> str | None:
    """None when it is pulled, else why not."""
    try:
        pulled = docker.run(["pull", "--quiet", chosen(docker)], timeout=PULL_WITHIN)
    except subprocess.TimeoutExpired:
        return f"not within {PULL_WITHIN:.0f} s"
    return troubles.explained(pulled.stderr) or last_line(pulled.stderr) if pulled.returncode else None


def _trim(root: Path) -> None:
    for folder in USELESS:
        shutil.rmtree(root / folder, ignore_errors=True)
        (root / folder).mkdir()
    if AUTHORITIES.exists():
        shutil.copy(AUTHORITIES, root / str(AUTHORITIES).lstrip("/"))


def _import(docker: Docker, root: Path) -> None:
    archive = root.parent / "root.tar"
    _run(["tar", "--directory", str(root), "--exclude=./dev/*", "--create", "--file", str(archive), "."], "tar")
    imported = docker.run(["import", "--change", 'CMD ["bash"]', str(archive), NAME])
    if imported.returncode:
        raise StackNotReady(f"docker import failed: {last_line(imported.stderr)}")


def _alone() -> Sequence[str]:
    tried = subprocess.run([*ALONE, "true"], capture_output=True)  # noqa: S603  # a fixed command
    return ALONE if tried.returncode == 0 else ()


def _run(command: Sequence[str], name: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603  # fixed commands of our own
    if done.returncode:
        raise StackNotReady(f"{name} failed", (done.stdout + done.stderr).strip().splitlines()[-8:])

"""The Debian mirror that this machine uses, as its own apt says, and packages of a newer Debian from there."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from ops import debian
from ops.errors import StackNotReady

NEWER = "trixie"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ROLLING = {"stable", "oldstable", "testing", "unstable", "sid"}


def find() -> str | None:
    """The URL of the mirror that Debian itself is installed from; None where this is no Debian, or we may not."""
    release = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    if release.get("ID") != "debian" or not debian.may_install() or not KEYRING.exists():
        return None
    suites = {release.get("VERSION_CODENAME", ""), *ROLLING}
    return next((site for site, suite in _sources() if suite in suites), None)


def fetch(packages: Iterable[str], folder: Path) -> list[Path]:
    """Download packages of the newer Debian into `folder`. Raises StackNotReady with apt's own last words."""
    mirror = find()
    if mirror is None:
        raise StackNotReady("only root on Debian can fetch Debian's packages")
    options = _apart(folder, mirror)
    _apt([*options, "update"], folder)
    _apt([*options, "download", *packages], folder)
    return sorted(folder.glob("*.deb"))


def _sources() -> Iterator[tuple[str, str]]:
    """Every apt source of component main, as URL and suite."""
    asked = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages", "Component: main"]
    said = subprocess.run(asked, capture_output=True, text=True).stdout  # noqa: S603  # a fixed command
    for line in said.splitlines():
        site, _, suite = line.partition(" ")
        yield site, suite


def _apart(folder: Path, mirror: str) -> list[str]:
    """Options with which apt reads and writes nothing of the machine's own lists."""
    (folder / "lists" / "partial").mkdir(parents=True)
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror} {NEWER} main\n")
    own = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
    }
    return [part for name, value in own.items() for part in ("-o", f"{name}={value}")]


def _apt(arguments: list[str], folder: Path) -> None:
    done = subprocess.run(["apt-get", "-qq", *arguments], cwd=folder, capture_output=True, text=True)  # noqa: S603,S607
    if done.returncode:
        raise StackNotReady(f"apt-get {arguments[-1]} failed", done.stderr.strip().splitlines()[-5:])

"""Debian packages, installed without starting or enabling a system service. Standard library only."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
DENY_ALL = "#!/bin/sh\n# gateproof: no service is started while a package is installed\nexit 101\n"
TURN = Path("/run/gateproof-apt.lock")
"""Held by the one of several calls on this machine that installs."""
APT = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]


def may_install() -> bool:
    """True as root on Debian or Ubuntu."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> bool:
    """Install the packages; False where that is not allowed or apt-get failed (its words are then on stderr)."""
    if not may_install():
        return False
    with _turn(), _no_service_starts():
        if _apt("install", "-y", "--no-install-recommends", *packages):
            return True
        return _apt("update") and _apt("install", "-y", "--no-install-recommends", *packages)


def disable(unit: str) -> None:
    """Keep the system's own service of a just installed package from starting at the next boot."""
    if systemctl := shutil.which("systemctl"):
        subprocess.run([systemctl, "--quiet", "disable", unit], capture_output=True)  # noqa: S603  # fixed command


def _apt(*arguments: str) -> bool:
    command = [*APT, *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode == 0  # noqa: S603  # ours


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """One at a time: the call that ends first removes the policy that the others still need."""
    with TURN.open("a", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _no_service_starts() -> Iterator[None]:
    """Maintainer scripts ask policy-rc.d (Debian Policy 9.3.3.1); ours says no; a policy of somebody else's stays."""
    if POLICY.exists() and POLICY.read_text(encoding="utf-8") != DENY_ALL:
        yield
        return
    POLICY.write_text(DENY_ALL, encoding="utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)

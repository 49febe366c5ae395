"""The machine's own nginx: found, asked, and started in the foreground with a prefix of its own."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ops.errors import ConfigurationInvalid, StackNotReady

OLDEST = (1, 22)
STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
"""What Compose's gateway/stack/main.conf loads: a package of its own on Debian and Ubuntu (libnginx-mod-stream)."""

INSTALL = "install it with `apt-get install nginx` (Debian, Ubuntu) or `brew install nginx` (macOS)"


class NginxMissing(StackNotReady):
    """There is no nginx; the text says what to install."""


class NginxTooOld(StackNotReady):
    """There is one, but older than what the configuration is written for."""


class InvalidConfiguration(ConfigurationInvalid):
    """What `nginx -t` said, with file and line."""


@dataclass(frozen=True)
class Nginx:
    binary: str
    version: str

    @classmethod
    def find(cls, name: str = "nginx") -> "Nginx":
        """The one on PATH, or in sbin where a user's PATH lacks it. Raises NginxMissing, NginxTooOld."""
        binary = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
        if binary is None:
            raise NginxMissing(f"{name} is not installed: {INSTALL}")
        version = _version(binary)
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            raise NginxTooOld(f"{binary} is {version}, 1.22 or newer is needed: {INSTALL}")
        return cls(binary, version)

    def command(self, prefix: Path, conf: str = "nginx.conf", user: str | None = None) -> list[str]:
        """Argv that runs in the foreground: SIGQUIT drains and ends it, SIGTERM ends it at once, SIGHUP reloads.

        `conf` is relative to `prefix`. `user`, for the workers, counts only for root; left out, it is the prefix's
        owner. TZ, because nginx writes its times in the zone that it was started in.
        """
        return ["env", "TZ=UTC", *self._base(prefix, conf), "-g", f"daemon off;{_workers(prefix, user)}"]

    def test(self, prefix: Path, conf: str = "nginx.conf") -> None:
        """Raises InvalidConfiguration. Asks no service and no name server; writes only below the prefix."""
        done = _said([*self._base(prefix.resolve(), conf), "-t"], prefix)
        if done.returncode:
            raise InvalidConfiguration(done.stderr.strip())

    def reload(self, prefix: Path, conf: str = "nginx.conf") -> None:
        """Takes up a changed configuration, drops no request. Raises InvalidConfiguration: then nothing changed."""
        self.test(prefix, conf)
        done = _said([*self._base(prefix, conf), "-s", "reload"])
        if done.returncode:
            raise StackNotReady(done.stderr.strip())

    def _base(self, prefix: Path, conf: str) -> list[str]:
        return [self.binary, "-p", f"{prefix}/", "-c", conf, "-e", "stderr"]


def _said(command: list[str], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """In a session of its own: a Ctrl-C at our terminal is for us to hear, who may be in the middle of a change."""
    return subprocess.run(  # noqa: S603 - our own argv
        command, cwd=folder, capture_output=True, text=True, timeout=10, check=False, start_new_session=True
    )


def _version(binary: str) -> str:
    said = _said([binary, "-v"]).stderr
    found = re.search(r"nginx/(\d+\.\d+\.\d+)", said)
    if found is None:
        raise NginxMissing(f"{binary} does not say its version: {said.strip()}")
    return found[1]


def _workers(prefix: Path, user: str | None) -> str:
    """nginx started by root would run its workers as nobody, who cannot enter a home directory."""
    if os.geteuid() != 0:
        return ""
    return f" user {user or f'{prefix.owner()} {prefix.group()}'};"

"""Sees to it that there is an nginx: the machine's own, or Debian's package where we may install it."""

from __future__ import annotations

from ops import debian
from ops.errors import StackNotReady
from ops.gateway.nginx import STREAM, Nginx, NginxMissing
from ops.progress import Progress

MODULE = "libnginx-mod-stream"


def provide(progress: Progress) -> Nginx:
    """The nginx to use, installed if need be. Raises StackNotReady (missing, too old) with what to install."""
    try:
        return Nginx.find()
    except NginxMissing as missing:
        return _install(str(missing), progress)


def provide_all(progress: Progress) -> Nginx:
    """As `provide`, and with the module that Compose's configuration loads, where it may be installed."""
    nginx = provide(progress)
    if not STREAM.exists() and debian.may_install():
        progress.say(f"nginx's stream module is missing: installing Debian's package {MODULE}")
        debian.install(MODULE)
    return nginx


def _install(why: str, progress: Progress) -> Nginx:
    if not debian.may_install():
        raise StackNotReady(why)
    progress.say("nginx is missing: installing Debian's package, without starting its service")
    if not debian.install("nginx"):
        raise StackNotReady(f"apt-get could not install nginx; {why}")
    debian.disable("nginx")
    return Nginx.find()

"""The programs of a PostgreSQL server, of which stacks and tests start their own; no service is started."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from ops import debian
from ops.errors import StackNotReady
from ops.progress import Progress

PROGRAM = "initdb"
DEBIAN = Path("/usr/lib/postgresql")
BELOW = "*/bin/initdb"
INSTALL = "install it with `apt-get install postgresql` (Debian)"
PACKAGE = "postgresql"
COMMON = "postgresql-common"
SETTINGS = Path("/etc/postgresql-common/createcluster.conf")
"""Where `COMMON` is told whether `PACKAGE` makes a database of the system's own when it is installed."""


def find() -> bool:
    """Whether they are there: on the PATH, or where Debian has them."""
    return shutil.which(PROGRAM) is not None or any(DEBIAN.glob(BELOW))


def install(
    settings: Path = SETTINGS,
    install: Callable[[str], bool] = debian.install,
    disable: Callable[[str], None] = debian.disable,
) -> bool:
    """Install Debian's packages, and no database; False where that is not allowed or apt-get failed."""
    if not install(COMMON):
        return False
    with _no_database(settings):
        done = install(PACKAGE)
    disable(PACKAGE)
    return done


def provide(progress: Progress) -> None:
    """See to it that they are there. Raises StackNotReady with what to install."""
    if find():
        return
    progress.say("PostgreSQL is missing: installing Debian's package, without starting its service")
    if not install():
        raise StackNotReady(f"PostgreSQL's server programs (initdb, postgres) are missing: {INSTALL}")


@contextlib.contextmanager
def _no_database(settings: Path) -> Iterator[None]:
    before = settings.read_text(encoding="utf-8")
    settings.write_text(f"{before}\ncreate_main_cluster = false\n", encoding="utf-8")
    try:
        yield
    finally:
        settings.write_text(before, encoding="utf-8")

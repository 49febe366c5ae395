"""A PostgreSQL server of the test's own: no system cluster, no port, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = "-c listen_addresses='' -c fsync=off -c max_connections=40"
USERS = ("postgres", "nobody")


@dataclass
class Server:
    """`directory` holds the data and the socket, and belongs to `user`; None is whoever runs the tests."""

    binaries: Path
    directory: Path
    user: str | None
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def url(self) -> str:
        return f"postgresql://tests@/postgres?host={self.directory}"

    def fresh_database(self) -> str:
        name = f"d{next(self._numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://tests@/{name}?host={self.directory}"

    def start(self) -> None:
        options = f"-k {self.directory} {SETTINGS}"
        self.run("pg_ctl", "-D", self.data, "-w", "-l", str(self.directory / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Break off what runs, as a crash does."""
        self.run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    @property
    def data(self) -> str:
        return str(self.directory / "data")

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the user that it may be run as, never root."""
        identity = {"user": self.user, "extra_groups": []} if self.user else {}
        subprocess.run(
            [str(self.binaries / program), *arguments],
            check=True,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **identity,  # type: ignore[call-overload]
        )


@contextmanager
def running() -> Iterator[Server]:
    """A started server; skips the test by name where there is none to start."""
    server = _server(_binaries(), Path(tempfile.mkdtemp(prefix="pg-")))
    try:
        server.run("initdb", "-D", server.data, "-U", "tests", "--auth=trust", "--no-sync", "-E", "UTF8")
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(server.directory)


def _server(binaries: Path, directory: Path) -> Server:
    if os.geteuid() != 0:
        return Server(binaries, directory, None)
    user = next(filter(_exists, USERS))
    shutil.chown(directory, user)
    return Server(binaries, directory, user)


def _exists(user: str) -> bool:
    return subprocess.run(["/usr/bin/id", user], capture_output=True, check=False).returncode == 0


def _binaries() -> Path:
    """The folder with initdb and pg_ctl: on the PATH, or the newest of Debian's."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not folders:
        pytest.skip("PostgreSQL's server programs (initdb, pg_ctl) are not on this machine")
    return folders[-1].parent

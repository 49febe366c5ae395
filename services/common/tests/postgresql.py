"""A PostgreSQL server of the test's own: no system cluster, no port, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.postgres.server import programs

SETTINGS = ("listen_addresses=", "fsync=off", "max_connections=100")
USERS = ("postgres", "nobody")
# The server ends when its standard input does: also when the tests are killed.
KEEPER = '"$@" & read -r _; kill -QUIT $!; wait $!'


@dataclass
class Server:
    """`directory` holds the data and the socket, and belongs to `user`; None is whoever runs the tests."""

    binaries: Path
    directory: Path
    user: str | None
    _numbers: Iterator[int] = field(default_factory=count)
    _keeper: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://tests@/postgres?host={self.directory}"

    def fresh_database(self) -> str:
        name = f"d{next(self._numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://tests@/{name}?host={self.directory}"

    def start(self) -> None:
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        server = [str(self.binaries / "postgres"), "-D", self.data, "-k", str(self.directory), *settings]
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "sh", *server], stdin=subprocess.PIPE, start_new_session=True, **self._options
        )
        self._wait_until_ready(time.monotonic() + 20)

    def stop(self) -> None:
        """Break off what runs, as a crash does."""
        if self._keeper and self._keeper.stdin:
            self._keeper.stdin.close()
            self._keeper.wait()
        self._keeper = None

    @property
    def data(self) -> str:
        return str(self.directory / "data")

    def initialise(self) -> None:
        arguments = ["-D", self.data, "-U", "tests", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run([str(self.binaries / "initdb"), *arguments], check=True, **self._options)

    @property
    def _options(self) -> dict[str, Any]:
        """How to run PostgreSQL's programs: never as root, and without a word."""
        identity = {"user": self.user, "extra_groups": []} if self.user else {}
        return {"cwd": self.directory, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **identity}

    def _wait_until_ready(self, deadline: float) -> None:
        while True:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)


@contextmanager
def running() -> Iterator[Server]:
    """A started server; skips the test by name where there is none to start."""
    server = _server(_binaries(), Path(tempfile.mkdtemp(prefix="pg-")))
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
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
    """The folder with initdb and postgres; skips the test by name where there is none."""
    try:
        return programs()
    except SystemExit as missing:
        pytest.skip(str(missing))

"""PostgreSQL as the system has it: a role and a database for each service, and nobody else comes in."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.common.tests.postgresql import _binaries
from services.postgres import server

pytestmark = pytest.mark.whole
NAMES = ("one", "other")
PASSWORD = "any"  # noqa: S105  # of nobody


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with made_folder() as made:
        yield made


@contextmanager
def made_folder() -> Iterator[Path]:
    """Where PostgreSQL's user may enter, as it may not where pytest has its own."""
    _binaries()
    made = Path(tempfile.mkdtemp(prefix="pg-"))
    made.chmod(0o755)
    for name in ("data", *NAMES):
        (made / name).mkdir()
    yield made
    shutil.rmtree(made)


@contextmanager
def running(folder: Path, *, given: bool = False) -> Iterator[int]:
    """The port; ended as a stack ends it."""
    port, process = start(folder, "pgpass" if given else "")
    try:
        _await(folder, port, process)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def start(folder: Path, file: str = "") -> tuple[int, "subprocess.Popen[bytes]"]:
    """The port and the process; with a `file` the passwords are given there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    places = [f"{name}={folder / name / file}" for name in NAMES]
    command = [sys.executable, server.__file__, str(folder / "data"), "127.0.0.1", str(port), *places]
    return port, subprocess.Popen(command, stderr=subprocess.DEVNULL)


def _await(folder: Path, port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            return connect(folder, port, "one").close()
        except psycopg.OperationalError:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)


def connect(folder: Path, port: int, role: str, database: str | None = None) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host="127.0.0.1", port=port, user=role, dbname=database or role, passfile=str(folder / role / "pgpass")
    )


def test_each_service_has_its_own_and_keeps_it(folder: Path) -> None:
    with running(folder) as port:
        for name in NAMES:
            with connect(folder, port, name) as own:
                own.execute("CREATE TABLE kept (id integer)")
            assert (folder / name / "pgpass").stat().st_mode & 0o777 == 0o600
        for role, database in (("one", "other"), ("other", "one"), ("one", "postgres"), ("one", "template1")):
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                connect(folder, port, role, database)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host="127.0.0.1", port=port, user=owner(folder), dbname="postgres", password=PASSWORD)
    with running(folder) as port, connect(folder, port, "other") as own:
        assert own.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_one_that_was_killed_is_followed_by_another_once_it_is_buried(folder: Path) -> None:
    port, killed = start(folder)
    _await(folder, port, killed)
    killed.kill()
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
    burial = threading.Timer(1.0, killed.wait)
    burial.start()
    with running(folder):
        burial.join()


def test_where_the_data_are_lost_the_services_come_into_the_new_ones(folder: Path) -> None:
    with running(folder):
        pass
    shutil.rmtree(folder / "data" / "data")
    with running(folder) as port:
        for name in NAMES:
            connect(folder, port, name).close()


def test_a_password_that_is_given_holds_and_may_be_another_one_later() -> None:
    with made_folder() as folder:
        for number, password in enumerate(("first", r"it's\: a\\ {second}\\\:")):
            for name in NAMES:
                (folder / name / "pgpass").touch(0o600)
                (folder / name / "pgpass").write_text(f"*:*:*:{name}:{password}\n")
            with running(folder, given=True) as port:
                with connect(folder, port, "other") as own:
                    own.execute("CREATE TABLE IF NOT EXISTS kept (id integer)")
                    own.execute("INSERT INTO kept VALUES (1)")
                    assert own.execute("SELECT count(*) FROM kept").fetchone() == (number + 1,)
                with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                    connect(folder, port, "one", "other")


@pytest.mark.parametrize("content", ["", "hunter2\n", "*:*:*:one\n", "*:*:*\\:one:hunter2\n"])
def test_a_given_password_that_cannot_be_read_is_one_line_without_it(tmp_path: Path, content: str) -> None:
    (tmp_path / "pgpass").write_text(content)
    with pytest.raises(SystemExit) as refused:
        server._given(tmp_path / "pgpass")
    assert refused.value.code == f"{tmp_path / 'pgpass'} holds no HOST:PORT:DATABASE:ROLE:PASSWORD"


def owner(folder: Path) -> str:
    """The superuser's name."""
    return (folder / "data").owner()


def test_a_folder_that_its_user_cannot_enter_is_named(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("whoever runs this may enter its own folders")
    tmp_path.chmod(0o700)
    (tmp_path / "data").mkdir()
    ended = subprocess.run(
        [sys.executable, server.__file__, str(tmp_path / "data"), "127.0.0.1", "1"], capture_output=True, text=True
    )
    assert ended.returncode == 1 and "who is to run PostgreSQL, cannot enter" in ended.stderr

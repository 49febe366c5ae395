"""What all tests of the services stand on: real databases, and log lines that nobody has to wait for."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from services.common.database import migrations
from services.common.database.database import Database
from services.common.tests.postgresql import Server, running

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.whole)]


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    """structlog's own default draws tracebacks with every local value in them, which takes for ever."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server for this run of the tests; skipped where the machine has no binaries of it."""
    with running() as server:
        yield server


def _with_tables(request: pytest.FixtureRequest, url: str) -> str:
    """With the tables of the service that the test belongs to; none where it belongs to none."""
    if (folder := request.path.parent.parent / "migrations").is_dir():
        with closing(Database(url, durable=False, busy=20.0)) as database:
            migrations.migrate(database, folder)
    return url


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres_server: Server) -> str:
    """A PostgreSQL database of the test's own, with nothing in it."""
    return _with_tables(request, postgres_server.fresh_database())


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A file with nothing in it."""
    return _with_tables(request, f"sqlite:///{tmp_path / 'data.db'}")


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of each kind."""
    opened = Database(request.getfixturevalue(f"{request.param}_url"), durable=True, busy=1.0)
    yield opened
    opened.close()


@pytest.fixture(params=KINDS)
def two_databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """Two empty databases of each kind, with time to be filled."""
    if request.param == "sqlite":
        urls = [f"sqlite:///{tmp_path / name}.db" for name in ("one", "two")]
    else:
        server: Server = request.getfixturevalue("postgres_server")
        urls = [server.fresh_database(), server.fresh_database()]
    one, two = (Database(_with_tables(request, url), durable=False, busy=60.0) for url in urls)
    with closing(one), closing(two):
        yield one, two

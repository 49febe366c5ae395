"""What all tests of the services stand on: real databases, and log lines that nobody has to wait for."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog

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


@pytest.fixture
def postgres_url(postgres_server: Server) -> str:
    """An empty PostgreSQL database of the test's own."""
    return postgres_server.fresh_database()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data.db'}"


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
    one, two = (Database(url, durable=False, busy=60.0) for url in urls)
    with closing(one), closing(two):
        yield one, two

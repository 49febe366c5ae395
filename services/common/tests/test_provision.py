"""On a server that exists each service gets a role and a database of its own, which go again."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from services.common.database import provision
from services.common.tests.postgresql import Server

NAMES = ("one", "other")
UNREACHED = "postgresql://boss:hunter2@127.0.0.1:1/x"


@pytest.fixture
def places(tmp_path: Path) -> Mapping[str, Path]:
    for name in NAMES:
        (tmp_path / name).mkdir()
    return {name: tmp_path / name for name in NAMES}


def done(verb: str, url: str, places: Mapping[str, Path], tmp_path: Path) -> str:
    """As the job does it."""
    file = tmp_path / "server"
    file.write_text(f"{url}\n")
    arguments = [verb, *(f"{name}={place}" for name, place in places.items())]
    return provision.main(arguments, {"DATABASE_SERVER_FILE": str(file)})


@contextmanager
def maker(server: Server, rights: str = "CREATEDB CREATEROLE") -> Iterator[str]:
    """The URL of one who is no superuser."""
    with psycopg.connect(server.url, autocommit=True) as boss:
        boss.execute(f"CREATE ROLE maker LOGIN {rights}".encode())
        try:
            yield f"postgresql://maker@/postgres?host={server.directory}"
        finally:
            boss.execute("DROP ROLE maker")


def connected(place: Path, database: str = "") -> psycopg.Connection[Any]:
    url = urlsplit((place / "url").read_text())
    return psycopg.connect(url._replace(path=f"/{database}" if database else url.path).geturl())


def role(place: Path) -> str:
    return urlsplit((place / "url").read_text()).username or ""


@pytest.mark.whole
def test_each_service_gets_its_own_keeps_it_and_loses_it_at_the_end(
    postgres_server: Server, places: Mapping[str, Path], tmp_path: Path
) -> None:
    with maker(postgres_server) as url:
        assert done("make", url, places, tmp_path) == ""
        urls = {name: (place / "url").read_text() for name, place in places.items()}
        for place in places.values():
            assert (place / "url").stat().st_mode & 0o777 == 0o600
            with connected(place) as own:
                own.execute("CREATE TABLE kept (id integer)")
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            connected(places["one"], role(places["other"]))
        assert done("make", url, places, tmp_path) == ""
        assert {name: (place / "url").read_text() for name, place in places.items()} == urls
        left = done("drop", UNREACHED, places, tmp_path)
        assert left.endswith(f"left there: {role(places['one'])}, {role(places['other'])}")
        with closing(connected(places["one"])) as still_there:
            assert still_there.execute("SELECT count(*) FROM kept").fetchone() == (0,)
            assert done("drop", url, places, tmp_path) == ""
        assert not any((place / "url").exists() for place in places.values())
    with psycopg.connect(postgres_server.url) as boss:
        rows = boss.execute("SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles").fetchall()
    assert [name for (name,) in rows if str(name).startswith(NAMES)] == []


@pytest.mark.whole
def test_who_may_not_make_them_is_said_so(postgres_server: Server, places: Mapping[str, Path], tmp_path: Path) -> None:
    with maker(postgres_server, "NOCREATEROLE") as url:
        said = done("make", url, places, tmp_path)
        assert said.startswith("the database server's user may not make roles and databases: ")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (UNREACHED, "the database server refuses or is not there"),
        ("mysql://boss:hunter2@host", "this is no URL of a database server"),
        *(
            (f"postgresql://boss:hun{mark}ter2@127.0.0.1:1/x", "this is no URL of a database server")
            for mark in ("%", "@", "/", "?", "#", "[", "]")
        ),
        ("postgresql://boss:hun%00ter2@127.0.0.1:1/x", "this is no URL of a database server"),
    ],
)
def test_what_is_wrong_is_one_line_without_a_password(
    places: Mapping[str, Path], tmp_path: Path, url: str, words: str
) -> None:
    said = done("make", url, places, tmp_path)
    assert said.startswith(words) and "\n" not in said and "hun" not in said and "ter2" not in said
    assert done("drop", url, places, tmp_path) == "", "where nothing was made nothing is to be dropped"


def test_the_way_to_the_server_stays_as_it_is_given() -> None:
    server = "postgresql://boss:x@a:1,b:2/any?target_session_attrs=read-write&sslmode=require&password=y&user=boss"
    assert provision._url(server, "one", "own") == (
        "postgresql://one:own@a:1,b:2/one?target_session_attrs=read-write&sslmode=require"
    )

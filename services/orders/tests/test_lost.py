"""The service as a process of its own, whose database is lost while it does not run."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.common.tests.processes import Running, once, running

pytestmark = pytest.mark.whole

SERVICE = "services.orders"


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    nobody = "http://127.0.0.1:9"
    settings: dict[str, Any] = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/orders.db",
        "USERS_URL": nobody,
        "PRODUCTS_URL": nobody,
    }
    assert once(SERVICE, "migrate", **settings).stdout == b"0001_first.sql is done\n"
    return settings


def readiness(folder: Path, settings: dict[str, Any], meanwhile: Path | None = None) -> tuple[int, Any]:
    """What a new start says of itself, after the file `meanwhile` is removed."""
    with running(SERVICE, folder, **settings) as service:
        if meanwhile:
            meanwhile.unlink()
        found = said(service)
        service.stop()
        service.exit_code()
    return found


def said(service: Running) -> tuple[int, Any]:
    """What a service that runs says of itself."""
    with closing(service.connection()) as connection:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status, json.load(answer)


def test_a_lost_database_is_not_begun_anew_without_a_word(tmp_path: Path, settings: dict[str, Any]) -> None:
    fine = 200, {"status": "ok", "database": "ok"}
    assert readiness(tmp_path, settings) == fine
    assert once(SERVICE, "backup", str(tmp_path / "backup"), **settings).returncode == 0
    (tmp_path / "orders.db").unlink()

    for refused in once(SERVICE, PORT="0", **settings), once(SERVICE, "migrate", **settings):
        words = refused.stderr.decode()
        assert refused.returncode == 1 and words.count("\n") == 1
        assert words.startswith(f"orders: the database {tmp_path}/orders.db is gone; ")
        assert all(cure in words for cure in ("services.orders restore-backup FILE", "services.orders init"))
    assert not (tmp_path / "orders.db").exists()

    assert once(SERVICE, "restore-backup", str(tmp_path / "backup"), **settings).returncode == 0
    assert readiness(tmp_path, settings) == fine
    (tmp_path / "orders.db").unlink()
    assert once(SERVICE, "init", **settings).returncode == 0
    assert readiness(tmp_path, settings) == fine
    refused = once(SERVICE, "init", **settings)
    assert (refused.returncode, refused.stderr[:24]) == (1, b"orders: nothing is lost,")


def test_a_service_without_its_tables_says_what_makes_them(tmp_path: Path, settings: dict[str, Any]) -> None:
    settings["DATABASE_URL"] = f"sqlite:///{tmp_path}/other.db"
    refused = once(SERVICE, PORT="0", **settings)
    why = b"orders: the database waits for migration 0001_first.sql: the command `migrate` does it\n"
    assert (refused.returncode, refused.stderr) == (1, why)


def test_a_database_that_is_lost_while_the_service_runs_makes_it_unready(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    lost = readiness(tmp_path, settings, meanwhile=tmp_path / "orders.db")
    assert lost == (503, {"status": "unavailable", "database": "unreadable"})
    assert once(SERVICE, PORT="0", **settings).returncode == 1


def test_a_service_that_lost_its_file_is_ready_again_once_it_is_restored_and_started_again(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    """What SQLite left beside the lost file is in use, and belongs to that one."""
    with running(SERVICE, tmp_path, **settings) as service:
        assert once(SERVICE, "backup", str(tmp_path / "backup"), **settings).returncode == 0
        (tmp_path / "orders.db").unlink()
        restored = once(SERVICE, "restore-backup", str(tmp_path / "backup"), **settings)
        assert restored.returncode == 0
        assert restored.stdout.endswith(b"; a service that runs has to be started again\n")
        assert said(service) == (503, {"status": "unavailable", "database": "unreadable"})
        (tmp_path / "log").mkdir()
        assert readiness(tmp_path / "log", settings) == (200, {"status": "ok", "database": "ok"})


def test_a_backup_that_comes_back_while_the_service_runs_is_served_at_once(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    with running(SERVICE, tmp_path, **settings) as service:
        assert once(SERVICE, "backup", str(tmp_path / "backup"), **settings).returncode == 0
        restored = once(SERVICE, "restore-backup", str(tmp_path / "backup"), **settings)
        assert restored.returncode == 0 and b"started again" not in restored.stdout
        assert said(service) == (200, {"status": "ok", "database": "ok"})

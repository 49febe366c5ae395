"""The nginx of the machine: found or asked for, tested, run, reloaded."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.gateway.nginx import InvalidConfiguration, Nginx, NginxMissing, NginxTooOld
from ops.tests.gateway.echo import Services
from ops.tests.gateway.expectations import unique
from ops.tests.gateway.running import Gateway, rendered, running
from ops.tests.shop import SERVICES
from ops.tests.shop import rendered as render
from ops.tests.waiting import eventually

pytestmark = pytest.mark.whole


def _program(path: Path, says: str) -> str:
    path.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    path.chmod(0o755)
    return str(path)


def test_it_is_found_with_its_version() -> None:
    nginx = Nginx.find()
    assert Path(nginx.binary).name == "nginx"
    assert nginx.version.count(".") == 2


def test_a_missing_one_says_what_to_install() -> None:
    with pytest.raises(NginxMissing, match="apt-get install nginx"):
        Nginx.find("nginx-that-is-not-there")


def test_an_old_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NginxTooOld, match=r"is 1\.18\.0, 1\.22 or newer"):
        Nginx.find(_program(tmp_path / "nginx", "nginx version: nginx/1.18.0 (Ubuntu)"))


def test_another_program_of_that_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NginxMissing, match="does not say its version: hello"):
        Nginx.find(_program(tmp_path / "nginx", "hello"))


def test_a_configuration_holds_before_any_service_exists(tmp_path: Path) -> None:
    render(tmp_path, listen="127.0.0.1:8080", upstreams=dict.fromkeys(SERVICES, ["127.0.0.1:9"]))
    Nginx.find().test(tmp_path)


def test_a_broken_configuration_is_named_with_its_line(services: Services, tmp_path: Path) -> None:
    gateway = rendered(tmp_path, services.upstreams)
    _break(gateway)
    with pytest.raises(InvalidConfiguration, match=r'unknown directive "proxy_pas" in .*/proxy\.conf:2'):
        Nginx.find().test(tmp_path)


def test_a_reload_takes_up_new_addresses_and_keeps_requests_under_way(services: Services, tmp_path: Path) -> None:
    with running(rendered(tmp_path, services.upstreams)) as gateway, under_way(gateway, services) as answers:
        moved = {**services.upstreams, "users": services.upstreams["orders"]}
        render(tmp_path, listen=f"127.0.0.1:{gateway.port}", upstreams=moved)
        Nginx.find().reload(tmp_path)
        eventually(lambda: gateway.ask("GET", "/users").json()["service"] == "orders")
    assert answers == [200]


def test_a_reload_refuses_a_broken_configuration_and_changes_nothing(services: Services, tmp_path: Path) -> None:
    with running(rendered(tmp_path, services.upstreams)) as gateway:
        _break(gateway)
        with pytest.raises(InvalidConfiguration):
            Nginx.find().reload(tmp_path)
        assert gateway.ask("GET", "/users").status == 200


def test_sigquit_ends_it_after_the_requests_under_way(services: Services, tmp_path: Path) -> None:
    with running(rendered(tmp_path, services.upstreams)) as gateway, under_way(gateway, services) as answers:
        os.kill(_pid(gateway), signal.SIGQUIT)
    assert answers == [200]


def test_it_stays_the_process_that_was_started(services: Services, tmp_path: Path) -> None:
    gateway = rendered(tmp_path, services.upstreams)
    with subprocess.Popen(Nginx.find().command(tmp_path)) as process:
        eventually(lambda: (tmp_path / "nginx.pid").exists() and _pid(gateway) == process.pid)
        process.terminate()
        assert process.wait(5) == 0


def test_its_times_are_utc_wherever_it_runs(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with running(rendered(tmp_path, services.upstreams)) as gateway:
        gateway.ask("GET", "/healthz", "X-Request-ID: tokyo-12345")
        logged = gateway.logged("tokyo-12345")["ts"]
    assert logged.endswith("Z")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(logged)) < timedelta(seconds=10)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may choose the workers' user")
def test_roots_workers_run_as_the_prefixs_owner(tmp_path: Path) -> None:
    assert Nginx.find().command(tmp_path)[-1] == f"daemon off; user {tmp_path.owner()} {tmp_path.group()};"
    assert Nginx.find().command(tmp_path, user="www-data")[-1] == "daemon off; user www-data;"


@contextmanager
def under_way(gateway: Gateway, services: Services) -> Iterator[list[int]]:
    """A request that has reached its service and takes a while: its status, when it is over."""
    answers: list[int] = []
    path = f"/users?sleep=0.3&{unique()}"
    thread = threading.Thread(target=lambda: answers.append(gateway.ask("GET", path).status))
    thread.start()
    eventually(lambda: services.asked(path))
    yield answers
    thread.join()


def _pid(gateway: Gateway) -> int:
    return int((gateway.prefix / "nginx.pid").read_text() or 0)


def _break(gateway: Gateway) -> None:
    conf = gateway.prefix / "includes/proxy.conf"
    lines = conf.read_text().splitlines(keepends=True)
    conf.write_text("".join([lines[0], "proxy_pas on;\n", *lines[1:]]))

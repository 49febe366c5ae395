"""A Compose stack while it runs: what it may do, where its secret is, its states, its commands, its logs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from ops.provision.docker import Docker
from ops.stacks import processes
from ops.stacks.compose import containers, follower
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.model import UpOptions
from ops.tests.compose.conftest import LINK, QUIET, Make, replace
from ops.tests.shop import KEY
from ops.tests.waiting import eventually
from ops.trace import logs

pytestmark = pytest.mark.whole


SERVICES = ("users", "products", "orders")
EVERY = ("gateway", "keys", *SERVICES, *(f"{name}-migrate" for name in SERVICES))
KEPT_UP = ("gateway", "users", "products", "orders")


def attrs(stack: ComposeStack, service: str) -> dict[str, Any]:
    return dict(stack.containers.of(service)[0].attrs)


@pytest.mark.parametrize("service", EVERY)
def test_a_container_can_do_nothing_that_it_need_not(stack: ComposeStack, service: str) -> None:
    found = attrs(stack, service)
    host = found["HostConfig"]
    assert found["Config"]["User"].startswith("1000")
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "3"}


@pytest.mark.parametrize("service", KEPT_UP)
def test_its_memory_and_processes_are_limited(stack: ComposeStack, service: str) -> None:
    host = attrs(stack, service)["HostConfig"]
    assert 0 < host["Memory"] <= 512 << 20
    assert 0 < host["PidsLimit"] <= 64


@pytest.mark.parametrize("service", KEPT_UP)
def test_its_health_is_asked_in_the_files_way_but_seldom(stack: ComposeStack, service: str) -> None:
    check = attrs(stack, service)["Config"]["Healthcheck"]
    assert (check["Test"][0], check["Interval"], check["Retries"]) == ("CMD", 10 * 10**9, 3)


def test_a_fault_proxy_can_do_no_more_than_filter_its_callers_packets(stack: ComposeStack) -> None:
    (orders,) = stack.containers.of("orders")
    (proxy,) = stack.proxies.running("orders")
    proxy.reload()
    host = proxy.attrs["HostConfig"]
    assert (host["NetworkMode"], host["CapDrop"], host["CapAdd"]) == (f"container:{orders.id}", ["ALL"], ["NET_ADMIN"])
    assert (host["ReadonlyRootfs"], host["SecurityOpt"]) == (True, ["no-new-privileges:true"])
    assert not (host["Binds"] or host["PortBindings"] or proxy.attrs["Mounts"])
    assert (0 < host["Memory"] <= 256 << 20, 0 < host["PidsLimit"] <= 64) == (True, True)


def test_each_ends_as_it_likes_to_be_asked(stack: ComposeStack) -> None:
    signals = {name: attrs(stack, name)["Config"]["StopSignal"] for name in KEPT_UP}
    assert signals == {"gateway": "SIGQUIT", "users": "SIGTERM", "products": "SIGTERM", "orders": "SIGTERM"}
    assert {attrs(stack, name)["Config"]["StopTimeout"] for name in KEPT_UP} == {15}


def test_only_the_gateway_is_published_and_on_loopback_alone(stack: ComposeStack) -> None:
    published = {name: attrs(stack, name)["HostConfig"]["PortBindings"] or {} for name in KEPT_UP}
    assert [name for name, ports in published.items() if ports] == ["gateway"]
    assert {binding["HostIp"] for binding in published["gateway"]["8080/tcp"]} == {"127.0.0.1"}


def test_the_services_have_no_way_out(stack: ComposeStack) -> None:
    networks = {name for service in ("users", "products", "orders") for name in _networks(stack, service)}
    found = stack.containers.client.networks.list(names=sorted(networks))
    assert {network.attrs["Internal"] for network in found} == {True}


def _networks(stack: ComposeStack, service: str) -> set[str]:
    return set(attrs(stack, service)["NetworkSettings"]["Networks"])


def test_the_key_is_where_users_may_change_it_and_nobody_else(stack: ComposeStack) -> None:
    mounts = {name: attrs(stack, name)["Mounts"] for name in EVERY}
    having = {name: mount["RW"] for name in EVERY for mount in mounts[name] if mount["Destination"].endswith("/keys")}
    assert having == {"users": True, "keys": True}


def test_the_key_is_in_no_setting_image_or_description(stack: ComposeStack) -> None:
    key = b"".join(stack.exec("users", KEY, b"").stdout.splitlines()[1:-1]).decode()
    assert stack.exec("users", KEY, b"").stdout.startswith(b"-----BEGIN PRIVATE KEY-----")
    for container in stack.containers.all():
        shown = json.dumps([container.attrs, container.image.attrs, container.image.history()])
        assert key not in shown
        assert "PRIVATE KEY" not in shown


@pytest.mark.parametrize("service", ["users", "products", "orders"])
def test_an_image_holds_its_own_service_and_nothing_of_the_tests(stack: ComposeStack, service: str) -> None:
    listed = stack.containers.of(service)[0].exec_run(["find", "/app", "/venv", "-maxdepth", "5", "-type", "d"])
    folders = {line.rpartition("/")[2] for line in listed.output.decode().splitlines()}
    assert service in folders
    assert not folders & ({"users", "products", "orders", "tests", "ops", "behave", "pytest", "pip"} - {service})


def test_everything_carries_the_label_of_its_stack(stack: ComposeStack) -> None:
    client, filters = stack.containers.client, stack.containers.filters
    labelled = [
        *(one.labels for one in stack.containers.all()),
        *(one.attrs["Labels"] for one in client.networks.list(filters=filters)),
        *(one.attrs["Labels"] for one in client.volumes.list(filters=filters)),
    ]
    assert {labels["gateproof.stack"] for labels in labelled} == {str(stack.layout.directory.resolve())}
    assert len(labelled) == len(EVERY) + 2 + 4


def url(stack: ComposeStack) -> str:
    return str(stack.status().url)


def lines(stack: ComposeStack, request_id: str) -> list[logs.LogLine]:
    return list(logs.lines(stack.log_files(), request_id))


def test_it_tells_of_what_is_in_its_images_and_not_on_this_machine(stack: ComposeStack, docker: Docker) -> None:
    versions = stack.versions()
    assert set(versions) == {"docker engine", "docker compose", "nginx"}
    inside = containers.inside(docker, stack.containers.of("gateway")[0], ["nginx", "-v"]).stderr
    assert inside.strip().startswith(f"nginx version: nginx/{versions['nginx']}")
    assert "unknown" not in versions.values()


def test_the_log_of_each_service_begins_with_its_first_line(stack: ComposeStack) -> None:
    services = {"users", "products", "orders"}
    jobs = {"keys", *(f"{name}-migrate" for name in services)}
    assert {file.stem for file in stack.log_files()} == services | jobs | {"gateway", "faults"}
    events = {line["service"]: line["event"] for line in reversed(lines(stack, "*"))}
    assert (events["users"], events["orders"], events["products"]) == ("listening", "listening", "seeded")


def test_health_checks_are_not_in_the_gateways_log(stack: ComposeStack) -> None:
    time.sleep(1.5)
    assert not [line for line in lines(stack, "*") if line.get("client") == "127.0.0.1"]


def test_what_a_replaced_container_wrote_stays(stack: ComposeStack) -> None:
    requests.get(f"{url(stack)}/products", headers={"X-Request-ID": "compose-before-1"}, timeout=5)
    eventually(lambda: len(lines(stack, "compose-before-1")) == 2)
    replace(stack, "products")
    eventually(lambda: stack.status().state == "ready", 15)
    assert len(lines(stack, "compose-before-1")) == 2
    eventually(lambda: len([file for file in stack.log_files() if file.stem == "products"]) == 2)


def test_a_restarted_container_goes_on_in_its_file(stack: ComposeStack) -> None:
    stack.containers.of("users")[0].restart()
    own = [line for line in lines(stack, "*") if line["service"] == "users"]
    eventually(lambda: len([line for line in _of(stack, "users") if line["event"] == "listening"]) == 2)
    assert [line["event"] for line in own].count("drained") <= 1
    eventually(lambda: stack.status().state == "ready", 15)


def _of(stack: ComposeStack, service: str) -> list[logs.LogLine]:
    return [line for line in lines(stack, "*") if line["service"] == service]


def test_a_follower_that_was_killed_is_replaced_and_doubles_nothing(stack: ComposeStack) -> None:
    before = _of(stack, "orders")
    _follower(stack).kill()
    with stack.layout.held():
        stack.up(UpOptions(None, (LINK,)), QUIET)
    eventually(lambda: _of(stack, "orders")[: len(before)] == before)
    now = [str(line) for line in _of(stack, "orders")]
    assert len(set(now)) == len(now)
    assert _follower(stack).is_running()


def _follower(stack: ComposeStack) -> psutil.Process:
    (found,) = processes.of(stack.layout.directory, follower.MODULE)
    return found


def test_evidence_is_taken_while_it_is_there(stack: ComposeStack, tmp_path: Path) -> None:
    stack.keep_evidence(tmp_path)
    kept = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    orders = (tmp_path / "inspect" / f"{stack.containers.of('orders')[0].name}.json").read_text()
    assert "compose.yml" in kept
    assert '"ExitCode": 0' in orders
    assert '"Health"' in orders
    assert any(name.startswith("logs/orders.1-") for name in kept)


def test_the_stacks_of_a_checkout_share_their_images(stack: ComposeStack, make: Make) -> None:
    names = {one.attrs["Config"]["Image"] for one in stack.containers.all()}
    before = {one.image.id for one in stack.containers.all()}
    make("other").project().build()
    assert {stack.containers.client.images.get(name).id for name in names} == before


def test_a_service_that_lost_its_database_gets_a_backup_back(stack: ComposeStack) -> None:
    """It ends again and again, so the command has a container of its own."""
    (orders,) = stack.containers.of("orders")
    own, data = ["python", "-m", "services.orders"], "/var/lib/gateproof/data"
    assert stack.exec("orders", [*own, "backup", f"{data}/kept"]).returncode == 0
    assert stack.exec("orders", ["sh", "-c", f"rm {data}/orders.db {data}/orders.db-*"]).returncode == 0
    orders.restart()
    eventually(lambda: not containers.goes_on(stack.containers.of("orders")[0]))
    assert "is gone" in str(_of(stack, "orders")[-1])
    assert stack.exec("orders", [*own, "restore-backup", f"{data}/kept"]).returncode == 0
    with stack.layout.held():
        assert stack.up(UpOptions(None, (LINK,)), QUIET).state == "ready"


def test_a_command_runs_with_the_settings_of_a_service_that_is_stopped(stack: ComposeStack) -> None:
    (orders,) = stack.containers.of("orders")
    orders.stop()
    try:
        assert stack.exec("orders", ["sh", "-c", 'test -n "$PRODUCTS_URL"']).returncode == 0
    finally:
        orders.start()

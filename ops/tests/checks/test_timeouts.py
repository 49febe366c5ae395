"""The nesting of timeouts, broken pair by pair."""

import re
from pathlib import Path

import pytest

from ops.checks import CheckFailed, suite, timeouts
from ops.checks.configuration import Directive, parse
from ops.tests.checks.planted import TIMEOUTS, edit, plant
from ops.tests.shop import SERVICES, SHOP, SOURCE
from ops.tests.shop import rendered as render

STOPS = {"local": 15.0, "compose (users)": 15.0}


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    render(tmp_path, listen="127.0.0.1:8080", upstreams=dict.fromkeys(SERVICES, ["127.0.0.1:9"]))
    return tmp_path


@pytest.fixture
def configuration(prefix: Path) -> Directive:
    return parse(prefix / "nginx.conf")


def test_the_repositorys_gateway_holds_the_planned_chain(configuration: Directive) -> None:
    said = timeouts.check(configuration, {"orders": TIMEOUTS}, STOPS)
    assert said == "connect < attempt < call < peers < handler < proxy_read_timeout < drainGrace < stopGrace, in orders"


@pytest.mark.parametrize(
    ("name", "seconds", "finding"),
    [
        ("connect", 1.0, "connect (1 s) must be less than attempt (1 s)"),
        ("attempt", 2.0, "attempt (2 s) must be less than call (1.9 s)"),
        ("call", 3.0, "call (3 s) must be less than peers (2.8 s)"),
        ("peers", 4.4, "peers (4.4 s) must be less than handler (4.3 s)"),
        ("handler", 5.0, "handler (5 s) must be less than proxy_read_timeout (5 s)"),
        ("drainGrace", 4.9, "proxy_read_timeout (5 s) must be less than drainGrace (4.9 s)"),
        ("stopGrace", 8.0, "drainGrace (8 s) must be less than stopGrace (8 s)"),
        ("databaseBusy", 5.0, "databaseBusy (5 s) must be less than handler (4.3 s)"),
        ("shedAfter", 9.0, "shedAfter (9 s) must be less than handler (4.3 s)"),
        ("channelTimeout", 15.0, "upstream keepalive_timeout (15 s) must be less than channelTimeout (15 s)"),
    ],
)
def test_each_of_a_services_timeouts_has_its_place(
    configuration: Directive, name: str, seconds: float, finding: str
) -> None:
    with pytest.raises(CheckFailed, match=re.escape(f"users: {finding}")):
        timeouts.check(configuration, {"users": {**TIMEOUTS, name: seconds}, "orders": TIMEOUTS}, STOPS)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("read_timeout 5s", "read_timeout 60s", "orders: proxy_read_timeout (60 s) must be less than drainGrace (8 s)"),
        ("read_timeout 5s", "read_timeout 4000ms", "handler (4.3 s) must be less than proxy_read_timeout (4 s)"),
        (
            "connect_timeout 300ms",
            "connect_timeout 1s",
            "orders: proxy_connect_timeout (1 s) must be less than shedAfter",
        ),
        ("connect_timeout 300ms", "connect_timeout 1m", "gateway: proxy_connect_timeout (60 s) must be less than"),
        ("upstream_timeout 2s", "upstream_timeout 5s", "gateway: proxy_next_upstream_timeout (5 s) must be less than"),
        ("proxy_read_timeout 5s;", "", "proxy_read_timeout should be said once, is said 0 times"),
        ("proxy_read_timeout 5s;", "proxy_read_timeout 1d;", "proxy.conf:32: 1d is no time that this check knows"),
    ],
)
def test_each_of_the_gateways_timeouts_has_its_place(prefix: Path, old: str, new: str, finding: str) -> None:
    edit(prefix / "includes/proxy.conf", old, new)
    with pytest.raises(CheckFailed, match=re.escape(finding)):
        timeouts.check(parse(prefix / "nginx.conf"), {"orders": TIMEOUTS}, STOPS)


def test_a_stack_that_kills_before_a_service_has_drained_is_named(configuration: Directive) -> None:
    finding = "users on compose (users): drainGrace (8 s) must be less than the stack's stop grace (5 s)"
    with pytest.raises(CheckFailed, match=re.escape(finding)):
        timeouts.check(configuration, {"users": TIMEOUTS}, {**STOPS, "compose (users)": 5.0})


def test_the_compose_file_says_when_it_kills() -> None:
    assert suite.seconds(SHOP.part("orders").stop_grace or "") == 15.0
    assert suite.seconds("1m30s") == 90.0


@pytest.mark.parametrize(
    ("file", "old", "new", "finding"),
    [
        ("main", "connect_timeout 300ms", "connect_timeout 3s", "stream: proxy_connect_timeout (3 s) must be"),
        ("main", "connect_timeout 300ms", "connect_timeout 1s", "orders behind stream: proxy_connect_timeout (1 s)"),
        ("main", "proxy_timeout 10s", "proxy_timeout 5s", "proxy_read_timeout (5 s) must be less than proxy_timeout"),
        ("main", "upstream_timeout 2s", "upstream_timeout 5s", "proxy_next_upstream_timeout (5 s) must be less than"),
        ("http", "keepalive_timeout 100ms", "keepalive_timeout 2m", "upstream keepalive_timeout (120 s) must be"),
    ],
)
def test_what_leads_to_the_services_on_compose_has_its_place_too(
    tmp_path: Path, file: str, old: str, new: str, finding: str
) -> None:
    gateway = plant(tmp_path) / "gateway"
    assert timeouts.check_ways(parse(gateway / "nginx.conf"), {"orders": TIMEOUTS}) == "the gateway's stream"
    edit(gateway / f"stack/{file}.conf", old, new)
    with pytest.raises(CheckFailed, match=re.escape(finding)):
        timeouts.check_ways(parse(gateway / "nginx.conf"), {"orders": TIMEOUTS})


@pytest.mark.parametrize("stack", ["local", "compose"])
def test_a_service_has_room_for_all_connections_that_a_gateway_keeps(prefix: Path, stack: str) -> None:
    """With fifty for other callers, and twice as many during a reload; beyond its limit it takes none."""
    configuration = parse({"local": prefix, "compose": SOURCE}[stack] / "nginx.conf")
    (workers,) = (int(one.args[0]) for one in configuration.inside("worker_processes"))
    kept = [int(one.args[0]) for one in configuration.inside("keepalive")]
    assert len(kept) == len(SERVICES)
    found = re.search(r"^CONNECTIONS = (\d+)$", (SOURCE.parent / "services/common/runtime/server.py").read_text(), re.M)
    assert found
    assert 2 * workers * max(kept) + 50 < int(found[1])


def test_a_service_that_leaves_one_out_is_named(configuration: Directive) -> None:
    said = {name: seconds for name, seconds in TIMEOUTS.items() if name != "peers"}
    with pytest.raises(CheckFailed, match="products does not say peers"):
        timeouts.check(configuration, {"products": said}, STOPS)

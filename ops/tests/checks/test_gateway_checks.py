"""gixy, crossplane and the route table, each on a gateway broken in just that way."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.checks import CheckFailed, gixy, routes
from ops.checks.configuration import parse
from ops.tests.checks.planted import edit, plant

pytestmark = pytest.mark.whole


@pytest.fixture
def gateway(tmp_path: Path) -> Path:
    return plant(tmp_path) / "gateway"


@pytest.mark.parametrize(
    ("file", "old", "new", "plugin"),
    [
        ("includes/limits.conf", "server_tokens off;\n", "", "version_disclosure"),
        ("includes/proxy.conf", "Host $host;", "Host $http_host;", "host_spoofing"),
        ("nginx.conf", "return 404;", "return 302 https://shop.test$uri;", "http_splitting"),
        ("includes/problem_answer.conf", "include includes/answer_headers.conf;", "", "add_header_redefinition"),
    ],
)
def test_gixy_finds_what_is_unsafe(gateway: Path, file: str, old: str, new: str, plugin: str) -> None:
    edit(gateway / file, old, new)
    with pytest.raises(CheckFailed, match=rf"\.conf:\d+: {plugin}: "):
        gixy.check(gateway / "nginx.conf")


def test_gixy_that_cannot_read_the_file_is_no_pass(gateway: Path) -> None:
    with pytest.raises(CheckFailed, match="gixy said nothing of use"):
        gixy.check(gateway / "absent.conf")


@pytest.mark.parametrize(
    ("break_it", "finding"),
    [
        (lambda text: text.replace("worker_connections 16384;", "worker_connections 16384"), r"nginx\.conf:\d+"),
        (lambda text: text + "}\n", r"nginx\.conf:\d+"),
        (lambda text: text.replace("stack/http.conf", "stack/absent.conf"), r"absent\.conf"),
    ],
)
def test_crossplane_names_the_line(gateway: Path, break_it: Callable[[str], str], finding: str) -> None:
    conf = gateway / "nginx.conf"
    conf.write_text(break_it(conf.read_text()))
    with pytest.raises(CheckFailed, match=finding):
        parse(conf)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("location /orders/ {", "location /orders {", "/orders: $orders, routes.yaml says no such route"),
        ("location = /healthz {", "location = /health {", "= /healthz: missing, routes.yaml says 200"),
        ("proxy_pass $products;", "proxy_pass $users;", "/products/: $users, routes.yaml says $products"),
        (
            "location / {",
            "location /livez { return 200; } location / {",
            "/livez: 200, routes.yaml says no",
        ),
    ],
)
def test_the_route_table_is_exactly_the_contracts(gateway: Path, old: str, new: str, finding: str) -> None:
    edit(gateway / "nginx.conf", old, new)
    with pytest.raises(CheckFailed, match=re.escape(finding)):
        routes.check(parse(gateway / "nginx.conf"), gateway / "routes.yaml")


def test_who_answers_is_chosen_as_nginx_does(gateway: Path) -> None:
    table = routes.routes(parse(gateway / "nginx.conf"))
    answers = {
        **{"/users": "$users", "/users/login": "$users", "/users/{id}/x": "$users", "/products/cup": "$products"},
        **{"/healthz": "200", "/healthz/x": "404", "/usersXYZ": "404", "/": "404", "/metrics": "404"},
    }
    assert {path: routes.answerer(path, table) for path in answers} == answers


def test_a_service_that_compose_leads_nowhere_is_named(gateway: Path) -> None:
    edit(gateway / "stack" / "main.conf", "listen unix:orders.sock;", "listen unix:other.sock;")
    with pytest.raises(CheckFailed, match=r"^nothing listens on unix:orders\.sock$"):
        routes.check(parse(gateway / "nginx.conf"), gateway / "routes.yaml")

"""`run`: all checks at once, each finding where a reader can use it."""

from functools import partial
from pathlib import Path

import pytest

from ops.checks import Check, CheckFailed, CheckResult, run, run_gateway
from ops.checks.suite import Gateway
from ops.gateway.nginx import Nginx
from ops.system import System, read
from ops.tests.checks.planted import TIMEOUTS, document, edit, plant
from ops.tests.shop import SERVICES, SHOP, SOURCE
from ops.tests.shop import rendered as render

pytestmark = pytest.mark.whole


NAMES = [
    *(f"{check} ({stack})" for stack in ("local", "compose") for check in ("nginx -t", "gixy", "crossplane", "routes")),
    *("timeouts", "openapi (users)", "openapi (products)", "openapi (orders)", "openapi (joined)"),
]


def system(root: Path) -> System:
    return read(root / "docker-compose.yml")


def _failed(results: list[CheckResult]) -> dict[str, str]:
    return {result.name: result.detail for result in results if not result.ok}


def test_a_tree_that_holds_passes_every_check(tmp_path: Path) -> None:
    results = run(system(plant(tmp_path)))
    assert [result.name for result in results] == NAMES
    assert not _failed(results)
    assert all(result.detail and result.ms > 0 for result in results)


def test_services_need_no_port_in_a_configuration_to_be_taken_for_addresses(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(
        "x-ops: { gateway: edge }\n"
        "services: { edge: { expose: [8080], x-ops: { nginx: nginx.conf, calls: [desk, catalog, store] } },\n"
        "  desk: {}, catalog: {}, store: {} }\n"
    )
    (tmp_path / "nginx.conf").write_text(
        "pid nginx.pid; events {}\nhttp { access_log off; upstream desk { server desk; server catalog max_fails=1; }\n"
        "server { listen 127.0.0.1:8080;\n"
        "location / { proxy_pass http://desk/x; } location /c { proxy_pass http://catalog; }\n"
        "location /s { fastcgi_pass store:9; } location /d { proxy_pass http://desk; } } }\n"
    )
    tested, *_ = run(read(tmp_path / "compose.yaml"))
    assert (tested.name, tested.ok) == ("nginx -t (compose)", True), tested.detail


def test_a_broken_gateway_is_named_with_the_repositorys_file_and_line(tmp_path: Path) -> None:
    root = plant(tmp_path)
    edit(root / "gateway/includes/proxy.conf", "proxy_http_version 1.1;", "proxy_http_versoin 1.1;")
    failed = _failed(run(system(root)))
    assert set(failed) == {"nginx -t (local)", "nginx -t (compose)"}
    for said in failed.values():
        assert 'unknown directive "proxy_http_versoin" in gateway/includes/proxy.conf:2' in said


def test_a_gateway_that_cannot_be_read_is_named_once_for_each_stack(tmp_path: Path) -> None:
    root = plant(tmp_path)
    edit(root / "gateway/includes/proxy.conf", "proxy_http_version 1.1;", "proxy_http_version")
    failed = _failed(run(system(root)))
    reasons = [name for name, said in failed.items() if "in gateway/includes/proxy.conf:" in said]
    assert reasons == [f"{check} ({stack})" for stack in ("local", "compose") for check in ("nginx -t", "crossplane")]
    others = {name: said for name, said in failed.items() if name not in reasons}
    assert set(others) == {name for name in NAMES if "gixy" not in name} - set(reasons)
    for name, said in others.items():
        stack = "compose" if "compose" in name else "local"
        assert said == f"not looked at: the configuration cannot be read, see crossplane ({stack})"


def test_a_broken_service_fails_its_checks_alone(tmp_path: Path) -> None:
    said = {"orders_openapi": document("/orders", "/users/me"), "orders_timeouts": {**TIMEOUTS, "handler": 5.5}}
    failed = _failed(run(system(plant(tmp_path, **said))))
    assert failed == {
        "timeouts": "orders: handler (5.5 s) must be less than proxy_read_timeout (5 s)",
        "openapi (orders)": "orders: /users/me is answered by $users at the gateway",
    }


def test_a_document_that_is_not_what_the_services_say_any_more_is_named_with_what_to_do(tmp_path: Path) -> None:
    root = plant(tmp_path, orders_openapi=document("/orders", "/orders/new"))
    assert _failed(run(system(root))) == {
        "openapi (joined)": "openapi.json is not what the services say: /paths//orders/new; "
        "`python3 -m ops openapi --write` rewrites it"
    }
    (root / "gateway/docs/openapi.json").unlink()
    assert "not what the services say: /components" in _failed(run(system(root)))["openapi (joined)"]


def test_one_rendered_gateway_can_be_looked_at_alone(tmp_path: Path) -> None:
    render(tmp_path, listen="127.0.0.1:8080", upstreams=dict.fromkeys(SERVICES, ["127.0.0.1:9"]))
    assert not _failed(run_gateway(tmp_path, SHOP))
    edit(tmp_path / "nginx.conf", "proxy_pass $orders;", "proxy_pass $carts;")
    assert set(_failed(run_gateway(tmp_path, SHOP))) == {"nginx -t (local)", "routes (local)"}


def test_what_this_machines_nginx_cannot_load_is_left_to_the_one_in_the_image(tmp_path: Path) -> None:
    by_nginx, *_ = Gateway("compose", tmp_path, SOURCE / "nginx.conf", module=tmp_path / "absent.so").checks()
    result = by_nginx.run()
    assert (result.ok, result.detail) == (
        True,
        f"left to the nginx of its image: there is no {tmp_path}/absent.so here",
    )


def test_a_missing_nginx_fails_with_what_to_install(tmp_path: Path) -> None:
    missing = partial(Nginx.find, "nginx-that-is-not-there")
    by_nginx, *_ = Gateway("local", tmp_path, tmp_path / "nginx.conf", find=missing).checks()
    result = by_nginx.run()
    assert not result.ok
    assert result.detail.startswith("nginx-that-is-not-there is not installed: install it with `apt-get install nginx`")


def test_a_check_that_breaks_is_a_failed_check() -> None:
    def divide() -> str:
        return str(1 // 0)

    result = Check("division", divide).run()
    assert not result.ok
    assert "ZeroDivisionError" in result.detail


def test_a_finding_is_the_detail() -> None:
    def find() -> str:
        raise CheckFailed("nginx.conf:3: nonsense")

    assert Check("finding", find).run().detail == "nginx.conf:3: nonsense"

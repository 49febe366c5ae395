"""The repository's own stack/http.conf, as Compose uses it: services by name, which come late and move."""

import sys
import time
from pathlib import Path

import pytest

from ops.gateway.rendering import SERVICES, SOURCE
from ops.stacks import ports
from ops.tests.gateway.echo import echo
from ops.tests.gateway.expectations import assert_problem
from ops.tests.gateway.name_server import NameServer, name_server
from ops.tests.gateway.running import Gateway, rendered, running

NOWHERE = dict.fromkeys(SERVICES, ["127.0.0.1:1"])

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs all of 127.0.0.0/8, as Linux has it")


def test_a_service_may_be_absent_and_may_move(tmp_path: Path) -> None:
    (port,) = ports.free(1)
    with name_server() as names, running(_composed(tmp_path, names, port)) as gateway:
        names.addresses["orders"] = "127.0.0.2"
        with echo("orders", port, host="127.0.0.2"):
            assert gateway.ask("GET", "/orders").status == 200, "the others may not exist yet"
            assert_problem(gateway.ask("GET", "/users/me"), 502, "bad-gateway")
        names.addresses["orders"] = "127.0.0.3"
        with echo("orders", port, host="127.0.0.3"):
            assert _recovery(gateway) < 2.5, "its records say ten minutes, the gateway asks every second"


def _composed(prefix: Path, names: NameServer, port: int) -> Gateway:
    """Compose's way to find services, with Docker's name server and the services' port replaced."""
    gateway = rendered(prefix, NOWHERE)
    http = (SOURCE / "stack/http.conf").read_text()
    http = http.replace("127.0.0.11", f"127.0.0.1:{names.port}").replace(":8000", f":{port}")
    (prefix / "stack/http.conf").write_text(http.replace("/dev/stdout", "logs/access.log"))
    conf = prefix / "nginx.conf"  # each worker asks for itself
    conf.write_text(conf.read_text().replace("worker_processes 2;", "worker_processes 1;"))
    return gateway


def _recovery(gateway: Gateway) -> float:
    """Seconds until the first good answer, at most 5."""
    started = time.monotonic()
    while gateway.ask("GET", "/orders").status != 200 and time.monotonic() - started < 5:
        time.sleep(0.05)
    return time.monotonic() - started

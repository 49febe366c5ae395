"""The local stack's configuration: addresses in, nginx files out."""

from dataclasses import replace
from pathlib import Path

import pytest

from ops.errors import ConfigurationInvalid
from ops.gateway import rendering
from ops.stacks import ports
from ops.system import current
from ops.tests.gateway.echo import Services, echo
from ops.tests.gateway.running import rendered, running
from ops.tests.shop import SERVICES, SOURCE
from ops.tests.shop import rendered as render

pytestmark = pytest.mark.whole


ADDRESSES = dict.fromkeys(SERVICES, ["127.0.0.1:9"])


def test_all_but_the_stacks_own_files_is_the_repositorys(tmp_path: Path) -> None:
    render(tmp_path / "gateway", listen="127.0.0.1:8080", upstreams=ADDRESSES)
    for conf in [SOURCE / "nginx.conf", *(SOURCE / "includes").iterdir()]:
        assert (tmp_path / "gateway" / conf.relative_to(SOURCE)).read_text() == conf.read_text()
    stack = {conf.name for conf in (SOURCE / "stack").iterdir()}
    assert {conf.name for conf in (tmp_path / "gateway/stack").iterdir()} == stack


def test_a_second_rendering_replaces_the_first(tmp_path: Path) -> None:
    for port in (8080, 8081):
        render(tmp_path, listen=f"127.0.0.1:{port}", upstreams=ADDRESSES)
    assert (tmp_path / "stack/server.conf").read_text() == "listen 127.0.0.1:8081 default_server;\nroot .;\n"


@pytest.mark.parametrize(
    ("listen", "upstreams"),
    [
        ("127.0.0.1:8080; root /", ADDRESSES),
        ("", ADDRESSES),
        ("127.0.0.1:8080", {**ADDRESSES, "users": ["127.0.0.1:9; } evil {"]}),
        ("127.0.0.1:8080", {**ADDRESSES, "users": []}),
        ("127.0.0.1:8080", {**ADDRESSES, "carts": ["127.0.0.1:9"]}),
        ("127.0.0.1:8080", {"users": ["127.0.0.1:9"]}),
    ],
)
def test_what_is_no_address_is_refused(tmp_path: Path, listen: str, upstreams: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match="address"):
        render(tmp_path / "gateway", listen=listen, upstreams=upstreams)
    assert not (tmp_path / "gateway").exists()


def test_replicas_that_restart_one_after_the_other_never_both_count_as_down(services: Services, tmp_path: Path) -> None:
    """nginx's default is to leave out a server that failed once for 10 s."""
    first, second = ports.free(2)
    upstreams = {**services.upstreams, "users": [f"127.0.0.1:{first}", f"127.0.0.1:{second}"]}
    with running(rendered(tmp_path, upstreams)) as gateway:
        for up in (first, second, first):
            with echo("users", up, keep=False):
                assert {gateway.ask("POST", "/users").status for _ in range(8)} == {200}


def test_a_gateway_without_a_local_configuration_is_shown_the_way_to_its_container(tmp_path: Path) -> None:
    bare = replace(current().gateway, local=None)
    with pytest.raises(ConfigurationInvalid, match="no x-ops.nginx and x-ops.local.overlay.*`--stack compose`"):
        rendering.render(tmp_path, bare, listen="127.0.0.1:8080", upstreams={})

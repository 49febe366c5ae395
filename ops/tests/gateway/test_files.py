"""Where nginx writes: below its prefix, so that stacks never meet and the rest of the disk may be read-only."""

import pytest

from ops.checks.configuration import parse
from ops.tests.gateway.running import Gateway

pytestmark = pytest.mark.whole


WRITTEN = ("pid", "client_body_temp_path", "proxy_temp_path", "fastcgi_temp_path", "uwsgi_temp_path", "scgi_temp_path")


def test_nginx_writes_below_its_prefix(gateway: Gateway) -> None:
    configuration = parse(gateway.prefix / "nginx.conf")
    for name in (*WRITTEN, "error_log", "access_log"):
        (said,) = configuration.inside(name)
        assert not said.args[0].startswith("/"), said
        assert (gateway.prefix / said.args[0]).exists(), said

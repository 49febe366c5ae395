"""A request of more than a second, with the configuration's own waits."""

from pathlib import Path

import pytest

from ops.tests.gateway.echo import Services
from ops.tests.gateway.running import rendered, running

pytestmark = pytest.mark.whole


def test_a_second_is_a_thousand_milliseconds_in_the_log(services: Services, tmp_path: Path) -> None:
    with running(rendered(tmp_path, services.upstreams, waits={})) as gateway:
        assert gateway.ask("GET", "/users?sleep=1.01", "X-Request-ID: slow-12345").status == 200
        line = gateway.logged("slow-12345")
    for name in ("upstreamMs", "durationMs"):
        assert 1000 <= line[name] < 3000

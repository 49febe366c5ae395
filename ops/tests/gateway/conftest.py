"""One gateway and its services for all tests that only ask."""

from collections.abc import Iterator

import pytest

from ops.tests.gateway import echo
from ops.tests.gateway.echo import Services
from ops.tests.gateway.running import Gateway, rendered, running


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    with echo.services() as all_of_them:
        yield all_of_them


@pytest.fixture(scope="session")
def gateway(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(rendered(tmp_path_factory.mktemp("gateway"), services.upstreams)) as one:
        yield one

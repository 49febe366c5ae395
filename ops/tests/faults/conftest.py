"""The real proxy in front of a real service, on two links, for the tests of what its faults do."""

from collections.abc import Iterator

import pytest

from ops.faults.link_faults import LinkFaults
from ops.faults.proxy.addresses import Address
from ops.tests.rig import Client, Proxy, Service, proxy, service


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Service, Proxy]]:
    with service() as behind, proxy(orders_products=behind.address, orders_users=behind.address) as between:
        yield behind, between


@pytest.fixture
def products(running: tuple[Service, Proxy]) -> Service:
    running[0].asked.clear()
    return running[0]


@pytest.fixture
def wire(running: tuple[Service, Proxy]) -> LinkFaults:
    return running[1].faults


@pytest.fixture
def link(running: tuple[Service, Proxy]) -> Address:
    return running[1].links["orders:products"]


@pytest.fixture
def client(link: Address) -> Iterator[Client]:
    client = Client(link)
    yield client
    client.close()

"""Each peer is a stack like ours that does the same work; it needs packages of its own."""

from __future__ import annotations

import json

import pytest

from ops.bench.peers import python
from ops.bench.source import Features
from ops.errors import StackNotReady
from ops.progress import Progress
from ops.stacks import registry
from ops.stacks.layout import OPS
from ops.tests.bench.test_bench_command import KINDS, bench

ORDER = KINDS[0]


@pytest.fixture(scope="module", autouse=True)
def _packages() -> None:
    """Skipped by name where they cannot be had."""
    try:
        python(Features(registry.environment()).peers().requirements, OPS, Progress(quiet=True))
    except StackNotReady as missing:
        pytest.skip(f"the packages of the peers are not to be had: {missing}")


def test_every_peer_stores_what_it_acknowledges_and_is_measured_beside_ours() -> None:
    done = bench("--rounds", "1", "--seconds", "1", "--connections", "2", "--only", ORDER, "--peers", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)

    assert list(said["stacks"]) == ["own", "fastapi-raw", "fastapi-orm", "flask-orm"]
    assert [one["stack"] for one in said["measurements"]] == list(said["stacks"])
    for one in said["measurements"]:
        assert 0 < one["acknowledged"] <= one["stored"] <= one["acknowledged"] + 2
        assert set(one["cpu"]) == {"gateway", "users", "products", "orders"}
    assert not [name for name in OPS.iterdir() if name.name.startswith("bench-test")]

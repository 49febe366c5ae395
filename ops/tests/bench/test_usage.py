"""What a stack takes of the machine can be said of processes of this machine alone."""

from __future__ import annotations

import pytest

from ops.bench.usage import usage
from ops.errors import StackNotReady
from ops.stacks.model import ServiceStatus, StackStatus


def test_a_replica_on_another_node_is_named() -> None:
    elsewhere = ServiceStatus("desk", 2, "running", container="on node b")
    with pytest.raises(StackNotReady, match="^desk.2 runs on node b: bench measures the processes of this machine"):
        usage(StackStatus("library", "swarm", None, "ready", None, None, (elsewhere,)))

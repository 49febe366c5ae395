"""A local stack whose services are another program, as those of the peers are."""

from __future__ import annotations

import sys

import pytest
import requests

from ops.bench.usage import usage
from ops.progress import Progress
from ops.stacks import loan, processes, registry
from ops.stacks.model import UpOptions

pytestmark = pytest.mark.whole


QUIET = Progress(quiet=True)


def test_a_stack_of_another_program_comes_up_is_measured_with_its_children_and_goes() -> None:
    stack = registry.of_kind("bench-other", "local")
    program = (sys.executable, "-P", "-m", "ops.tests.bench.other")
    with loan.of(stack):
        status = stack.up(UpOptions(0, ephemeral=True, program=program), QUIET)
        assert requests.get(f"{status.url}/products?limit=1", timeout=10).json() == {"service": "products"}
        found = processes.of(stack.layout.directory, "ops.tests.bench.other")
        assert len(found) == 6, "three services, each with a child"
        taken = usage(status)
        assert set(taken.cpu) == {service.name for service in status.services}
        assert taken.memory["users"] > max(one.memory_info().rss for one in found if "users" in one.cmdline())
        assert taken.descriptors["users"] == sum(one.num_fds() for one in found if "users" in one.cmdline())
        assert stack.up(UpOptions(0, ephemeral=True, program=program), QUIET) == status, "it stays as it is"
    assert processes.of(stack.layout.directory) == []
    assert not stack.layout.directory.exists()

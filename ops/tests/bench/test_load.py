"""`python -m features.load` is asked by `ops bench`; what it says fits what `ops` reads."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ops.bench.load import WorkNotDone
from ops.bench.source import Features
from ops.stacks import registry
from ops.stacks.layout import ROOT

pytestmark = pytest.mark.whole


def test_the_peers_are_modules_of_this_checkout() -> None:
    known = Features(registry.environment()).peers()

    assert len(known.peers) == 3
    assert all((ROOT / f"{peer.module.replace('.', '/')}.py").is_file() for peer in known.peers)
    assert known.requirements.is_file()


def test_a_gateway_that_is_not_there_is_one_line() -> None:
    with pytest.raises(
        WorkNotDone, match=r"^python -m features\.load prepare: POST /users/register: .*Connection refused"
    ):
        Features(registry.environment()).prepare("http://127.0.0.1:9")


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["prepare"], ["kinds", "more"]])
def test_wrong_usage_is_2_and_says_what_there_is(arguments: list[str]) -> None:
    call = [sys.executable, "-m", "features.load", *arguments]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 2
    assert "prepare URL" in done.stderr

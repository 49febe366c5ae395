"""The second system in containers: as a stack of ours, and as one that `docker compose up` started by hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ops.errors import Exit
from ops.provision.docker import Docker
from ops.stacks import ports
from ops.system import HARNESS
from ops.tests.test_systems import LIBRARY, ops

pytestmark = pytest.mark.whole

BY_HAND = "t-byhand"


def test_its_features_hold(docker: Docker) -> None:
    done = ops("verify", "--stack", "compose", "--name", "t-library")
    assert done.returncode == Exit.HELD, done.stdout + done.stderr
    assert "all held: 11 passed, 0 failed, 0 skipped" in done.stdout


@pytest.fixture(scope="module")
def by_hand(docker: Docker) -> Iterator[str]:
    """The URL of one that we have not started."""
    (port,) = ports.free(1)
    file = LIBRARY.parent / ".ops" / "by-hand.yaml"
    file.parent.mkdir(exist_ok=True)
    desk = "{ environment: { BY_HAND: really } }"
    file.write_text(f'services: {{ edge: {{ ports: !override ["127.0.0.1:{port}:80"] }}, desk: {desk} }}\n')

    def compose(*arguments: str) -> None:
        files = ["--file", str(LIBRARY), "--file", str(file), "--project-directory", str(LIBRARY.parent)]
        call = [docker.binary, "compose", "--project-name", BY_HAND, *files, *arguments]
        subprocess.run(call, env=dict(docker.environment), check=True, capture_output=True)

    try:
        compose("up", "--build", "--detach", "--wait")
        yield f"http://127.0.0.1:{port}"
    finally:
        compose("down", "--volumes", "--rmi", "local")
        file.unlink()


def test_it_is_seen_as_it_is(by_hand: str) -> None:
    head, *services = ops("status", "--name", BY_HAND).stdout.splitlines()
    assert head == f"{BY_HAND} (compose) is ready at {by_hand}"
    assert [line.split()[:2] for line in services] == [[one, "running"] for one in ("catalog", "desk", "store", "edge")]


def test_a_link_of_it_fails_without_a_restart(by_hand: str) -> None:
    before = ops("status", "--name", BY_HAND, "--json").stdout
    put = ops("fault", "status", "desk:catalog", "--code", "503", "--times", "1", "--name", BY_HAND)
    assert put.returncode == Exit.HELD, put.stderr
    loan = {"book": "dune"}
    assert [requests.post(f"{by_hand}/loans", json=loan, timeout=5).status_code for _ in range(2)] == [502, 201]
    assert ops("fault", "clear", "--name", BY_HAND).returncode == Exit.HELD
    assert ops("status", "--name", BY_HAND, "--json").stdout == before


def test_a_database_is_cut_off_and_back(by_hand: str) -> None:
    cut = ops("fault", "cut", "desk:store", "--for", "1s", "--name", BY_HAND)
    assert "seen to carry no connections" in cut.stdout, cut.stderr
    assert requests.get(f"{by_hand}/loans", timeout=5).status_code == 200
    refused = ops("fault", "status", "desk:store", "--code", "503", "--name", BY_HAND)
    assert refused.returncode == Exit.USAGE, refused.stdout


def test_its_lines_are_found_and_its_end_is_left_to_compose(by_hand: str) -> None:
    request_id = requests.get(f"{by_hand}/loans", timeout=5).headers["X-Request-ID"]
    assert request_id in ops("trace", request_id, "--name", BY_HAND).stdout
    down = ops("down", "--name", BY_HAND)
    assert (down.returncode, "docker compose started t-byhand" in down.stderr) == (Exit.USAGE, True)
    assert requests.get(f"{by_hand}/books", timeout=5).status_code == 200


def test_it_is_nobody_elses_stack_of_that_name(by_hand: str, tmp_path: Path) -> None:
    copy = tmp_path / "library"
    shutil.copytree(LIBRARY.parent, copy, ignore=shutil.ignore_patterns(".ops"))
    call = [sys.executable, "-m", "ops", "status", "--name", BY_HAND, "--file", str(copy / LIBRARY.name)]
    said = subprocess.run(call, cwd=HARNESS, capture_output=True, text=True).stdout
    assert said == f"there is no stack {BY_HAND!r}; there is none at all\n"


def test_none_of_ours_is_brought_up_over_it(by_hand: str) -> None:
    refused = ops("up", "--stack", "compose", "--name", BY_HAND, "--port", "0")
    assert (refused.returncode, "docker compose started 't-byhand'" in refused.stderr) == (Exit.USAGE, True)


def test_what_is_broken_of_it_stays_written_down_whatever_is_swept(by_hand: str) -> None:
    assert ops("fault", "stopped", "desk", "--name", BY_HAND).returncode == Exit.HELD
    try:
        assert ops("down", "--name", "t-none").stdout.splitlines()[1:] == []
        assert ops("fault", "list", "--name", BY_HAND).stdout.startswith("stopped desk since")
    finally:
        assert ops("fault", "clear", "--name", BY_HAND).returncode == Exit.HELD


def test_the_lines_of_its_fault_proxies_are_found(by_hand: str) -> None:
    assert ops("fault", "status", "desk:catalog", "--code", "503", "--name", BY_HAND).returncode == Exit.HELD
    assert requests.post(f"{by_hand}/loans", json={"book": "emma"}, timeout=5).status_code == 502
    assert "fault" in ops("logs", "--name", BY_HAND).stdout
    assert ops("fault", "clear", "--name", BY_HAND).returncode == Exit.HELD
    assert "fault" in ops("logs", "--name", BY_HAND).stdout


def test_a_service_is_recreated_as_all_its_files_have_it(by_hand: str) -> None:
    assert ops("fault", "recreated", "desk", "--name", BY_HAND).returncode == Exit.HELD
    call = [sys.executable, "-m", "ops", "exec", "--name", BY_HAND, "--file", str(LIBRARY), "desk", "--", "env"]
    assert "BY_HAND=really" in subprocess.run(call, cwd=HARNESS, capture_output=True, text=True).stdout

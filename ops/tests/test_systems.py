"""Another system than the shop, unlike it in all that the harness could have taken for granted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ops.errors import Exit
from ops.system import HARNESS

pytestmark = pytest.mark.whole


LIBRARY = Path(__file__).parent / "systems" / "library" / "compose.yaml"
NAME = "t-library"


def ops(*arguments: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "ops", *arguments, "--file", str(LIBRARY)]
    environment = {name: value for name, value in os.environ.items() if name not in ("GITHUB_ACTIONS", "CI")}
    return subprocess.run(call, cwd=HARNESS, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The gateway of a local stack of it."""
    up = ops("up", "--name", NAME, "--port", "0", "--json")
    assert up.returncode == Exit.HELD, up.stderr
    assert "store is left out: it has no x-ops.local in compose.yaml" in up.stderr
    yield str(json.loads(up.stdout)["url"])
    assert ops("down", "--name", NAME).returncode == Exit.HELD
    assert not (LIBRARY.parent / ".ops" / NAME).exists()


def test_its_features_hold() -> None:
    done = ops("verify", "--name", f"{NAME}-verify")
    assert done.returncode == Exit.HELD, done.stdout + done.stderr
    assert "all held: 11 passed, 0 failed, 0 skipped" in done.stdout


def test_what_it_does_not_describe_is_named() -> None:
    said = ops("check").stdout
    assert "7 of 7 checks held" in said
    assert "- routes: not described in compose.yaml" in said
    for command in ("smoke", "bench", "openapi"):
        done = ops(command)
        assert done.returncode in (Exit.USAGE, Exit.CONFIGURATION), command
        assert "compose.yaml names" in done.stderr or "compose.yaml does not name" in done.stderr, done.stderr


def test_its_links_and_services_are_broken_and_restored(url: str) -> None:
    assert requests.post(f"{url}/loans", json={"book": "dune"}, timeout=5).status_code == 201
    put = ops("fault", "status", "desk:catalog", "--code", "503", "--times", "1", "--name", NAME)
    assert put.returncode == Exit.HELD, put.stderr
    assert requests.post(f"{url}/loans", json={"book": "momo"}, timeout=5).status_code == 502
    assert requests.post(f"{url}/loans", json={"book": "momo"}, timeout=5).status_code == 201
    killed = ops("fault", "killed", "desk", "--for", "200ms", "--name", NAME)
    assert "confirmed: desk killed" in killed.stdout
    assert ops("fault", "clear", "--name", NAME).returncode == Exit.HELD
    assert requests.get(f"{url}/loans", timeout=5).json() == {"loans": ["dune", "momo"]}


def test_its_lines_are_found_by_request_id_and_their_times(url: str) -> None:
    answer = requests.post(f"{url}/loans", json={"book": "emma"}, timeout=5)
    request_id = answer.headers["X-Request-ID"]
    first, *lines = ops("trace", request_id, "--name", NAME).stdout.splitlines()
    assert first == "no line has a traceId: by their times, as who asked whom is unknown"
    assert [line.split("  ")[1] for line in lines] == ["edge", "desk", "desk"]
    assert request_id in ops("logs", "--service", "edge", "--name", NAME).stdout


def test_a_gateway_that_calls_what_only_runs_in_a_container_is_named(tmp_path: Path) -> None:
    copy = tmp_path / "library"
    shutil.copytree(LIBRARY.parent, copy, ignore=shutil.ignore_patterns(".ops"))
    file = copy / LIBRARY.name
    file.write_text(file.read_text().replace("calls: [catalog, desk]", "calls: [catalog, desk, store]"))
    call = [sys.executable, "-m", "ops", "up", "--name", NAME, "--file", str(file)]
    up = subprocess.run(call, cwd=HARNESS, capture_output=True, text=True)
    subprocess.run([*call[:3], "down", *call[4:]], cwd=HARNESS, check=True)
    assert (up.returncode, up.stdout) == (Exit.NOT_READY, "")
    assert "edge calls store, which has no x-ops.local in compose.yaml" in up.stderr


def test_what_follows_the_service_is_the_commands_own() -> None:
    call = [sys.executable, "-m", "ops", "exec", "--name", "t-nowhere", "desk", "cat", "--file", "books.txt"]
    done = subprocess.run(call, cwd=HARNESS, capture_output=True, text=True)
    assert (done.returncode, "there is no stack 't-nowhere'" in done.stderr) == (Exit.NOT_READY, True)


def test_a_command_runs_with_a_services_settings(url: str) -> None:
    call = [sys.executable, "-m", "ops", "exec", "--name", NAME, "--file", str(LIBRARY), "desk", "--", "env"]
    said = subprocess.run(call, cwd=HARNESS, capture_output=True, text=True).stdout
    assert f"STORE=file://{LIBRARY.parent}/.ops/{NAME}/loans.json" in said

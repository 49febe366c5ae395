"""What is installed is what was looked at: by its digest, wherever it comes from."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
import yaml

from ops.errors import StackNotReady
from ops.progress import Progress
from ops.provision import base_image
from ops.provision.docker import Docker
from ops.stacks.layout import ROOT

LISTS = (
    "requirements",
    "services/requirements",
    "gateway/requirements",
    "ops/requirements-test",
    "features/load/peers/requirements",
)
NAMED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z]+\])?==([^\s;]+)", re.MULTILINE)
LOCKED = re.compile(
    r"^([a-z0-9._-]+)==([^\s;]+)[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", re.MULTILINE
)


def locked(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Of each package its version and the digests of its files."""
    text = (ROOT / f"{name}.txt").read_text()
    return {package: (version, frozenset(hashes.split())) for package, version, hashes in LOCKED.findall(text)}


@pytest.mark.parametrize("name", LISTS)
def test_each_package_is_held_by_its_digests(name: str) -> None:
    text = (ROOT / f"{name}.txt").read_text()
    assert len(locked(name)) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 0


@pytest.mark.parametrize("name", LISTS)
def test_what_is_asked_for_is_what_is_locked(name: str) -> None:
    found = locked(name)
    asked = NAMED.findall((ROOT / f"{name}.in").read_text())
    assert asked
    for package, version in asked:
        assert found[package.lower().replace("_", "-")][0] == version, package


@pytest.mark.parametrize("name", LISTS[1:])
def test_all_lists_agree(name: str) -> None:
    found, whole = locked(name), locked(LISTS[0])
    assert {package: one for package, one in found.items() if package in whole} == {
        package: whole[package] for package in found if package in whole
    }


@pytest.mark.parametrize(
    "file", ["services/Dockerfile", "gateway/Dockerfile", "ops/bootstrap.py", "ops/bench/peers.py"]
)
def test_nothing_is_installed_without_its_digest(file: str) -> None:
    text = (ROOT / file).read_text()
    assert text.count("--require-hashes") == len(re.findall(r"install --quiet|\"-r\"", text)) == 1


def test_the_page_of_the_api_runs_no_other_script() -> None:
    import offapi

    page = (ROOT / "gateway/docs/index.html").read_text()
    held = re.findall(r'(?:src|href)="[^"]*/(swagger_[a-z.]+)" integrity="sha384-([^"]+)"', page)
    assert len(held) == page.count("swagger_") == 2
    for name, digest in held:
        content = Path(str(offapi.__file__)).with_name(name).read_bytes()
        assert base64.b64encode(hashlib.sha384(content).digest()).decode() == digest, name


def test_an_action_is_held_by_its_commit_and_keeps_no_credentials() -> None:
    steps = [
        step
        for file in (ROOT / ".github/workflows").glob("*.yml")
        for job in yaml.safe_load(file.read_text())["jobs"].values()
        for step in job["steps"]
        if "uses" in step
    ]
    assert steps and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]) for step in steps)
    checkouts = [step for step in steps if step["uses"].startswith("actions/checkout@")]
    assert checkouts and all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_each_image_is_built_on_the_one_that_is_named() -> None:
    recipes = [*ROOT.glob("*/Dockerfile"), *ROOT.glob("services/*/Dockerfile"), ROOT / "ops/faults/Dockerfile"]
    for recipe in recipes:
        stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?$", recipe.read_text(), re.MULTILINE)
        assert stages[0][0] == "${BASE}", recipe
        assert {base for base, _ in stages} <= {"${BASE}", *(name for _, name in stages)}, recipe
    named = "${GATEPROOF_BASE:-debian:trixie-slim}"
    for file in ("docker-compose.yml", "docker-compose.postgres.yml", "ops/faults/compose.yml"):
        services = yaml.safe_load((ROOT / file).read_text())["services"].values()
        builds = [service["build"] for service in services if "build" in service]
        assert builds and all(build["args"]["BASE"] == named for build in builds), file


def test_an_image_that_is_named_is_pulled_and_never_made(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\necho "$@" >> "$CALLS"; echo "manifest unknown" >&2; exit 1\n')
    docker.chmod(0o755)
    named, calls = f"debian@sha256:{64 * '0'}", tmp_path / "calls"
    environment = {"GATEPROOF_BASE": named, "CALLS": str(calls)}
    with pytest.raises(StackNotReady) as refusal:
        base_image.provide(Docker(str(docker), environment), tmp_path / "scratch", Progress())
    assert str(refusal.value) == f"the image {named} (GATEPROOF_BASE) cannot be pulled (manifest unknown)"
    assert [call.split()[0] for call in calls.read_text().splitlines()] == ["image", "pull"]
    assert calls.read_text().count(named) == 2

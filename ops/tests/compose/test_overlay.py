"""What a stack adds to docker-compose.yml, and what keeps its projects apart; no engine is asked."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.provision.docker import Docker, numbers
from ops.stacks.compose import labels, overlay
from ops.stacks.compose.plan import plan
from ops.stacks.compose.project import Project
from ops.stacks.layout import ROOT, Layout
from ops.stacks.model import UpOptions
from ops.stacks.state import Member, State
from ops.system import read
from ops.tests.shop import GATEWAY, SERVICES, SHOP

pytestmark = pytest.mark.whole


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout("t", tmp_path)
    layout.make()
    return layout


def added(layout: Layout, **settings: str) -> dict[str, Any]:
    members = [Member(name=name, port=8000) for name in (*SERVICES, GATEWAY)]
    state = State(url="http://127.0.0.1:1", members=members)
    return dict(overlay.document(layout, state, "tag", list(settings.items())))


def test_only_the_gateway_is_on_the_network_that_has_a_way_out() -> None:
    file = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    on = {
        name: {one for one, what in file["services"].items() if name in what.get("networks", [])}
        for name in file["networks"]
    }
    assert on == {"outside": {GATEWAY}, "inside": {GATEWAY, *SERVICES, *(f"{name}-migrate" for name in SERVICES)}}
    assert file["networks"]["inside"] == {"internal": True}


def test_a_setting_that_names_a_file_gets_a_copy_that_the_service_may_read(layout: Layout, tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("id,name,amount,currency\n")
    mine.chmod(0o600)
    products = added(layout, CATALOGUE_FILE=str(mine))["services"]["products"]
    (mount,) = products["volumes"]
    assert products["environment"]["CATALOGUE_FILE"] == mount["target"]
    assert Path(mount["source"]).read_text() == mine.read_text()
    assert Path(mount["source"]).stat().st_mode & 0o777 == 0o644


def test_a_service_has_the_replicas_that_are_asked_for_until_others_are(layout: Layout) -> None:
    def replicas(scale: dict[str, int] | None, before: State | None) -> tuple[State, dict[str, int]]:
        state = plan(UpOptions(0, scale=scale), before, [GATEWAY])
        services = overlay.document(layout, state, "tag", [])["services"]
        return state, {name: services[name]["deploy"]["replicas"] for name in SERVICES}

    state, found = replicas({"orders": 3}, None)
    assert found == {"users": 1, "products": 1, "orders": 3}
    assert replicas(None, state)[1] == found
    assert replicas({"orders": 1, "users": 2}, state)[1] == {"users": 2, "products": 1, "orders": 1}


def test_everything_of_the_compose_file_gets_the_stacks_label(layout: Layout) -> None:
    file, ours = yaml.safe_load((ROOT / "docker-compose.yml").read_text()), added(layout)
    for kind in ("services", "networks", "volumes"):
        assert set(ours[kind]) == set(file[kind])
        assert all(one["labels"] == {labels.STACK: str(layout.directory)} for one in ours[kind].values())


def test_docker_looks_at_our_stacks_seldom_as_they_are_asked_by_us(layout: Layout) -> None:
    file, ours = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"], added(layout)["services"]
    checked = [name for name, service in file.items() if "healthcheck" in service]
    assert [file[name]["healthcheck"]["interval"] for name in checked] == ["1s"] * len(checked)
    assert [ours[name]["healthcheck"] for name in checked] == [{"interval": "10s"}] * len(checked)


def test_two_stacks_and_two_checkouts_have_projects_of_their_own(tmp_path: Path) -> None:
    docker = Docker("docker", {})
    places = [Layout("one", tmp_path / "a"), Layout("two", tmp_path / "a"), Layout("one", tmp_path / "b")]
    projects = [Project(docker, place, SHOP) for place in places]
    assert len({project.name for project in projects}) == 3
    assert len({project.tag for project in projects}) == 1


@pytest.mark.parametrize(
    ("version", "found"), [("20.10.24+dfsg1", (20, 10)), ("2.26.1-4", (2, 26)), ("28.2.2", (28, 2)), ("none", ())]
)
def test_versions_are_compared_by_their_numbers(version: str, found: tuple[int, ...]) -> None:
    assert numbers(version) == found


@pytest.mark.skipif(shutil.which("docker") is None, reason="no docker program")
def test_two_clones_share_nothing_when_compose_starts_them_by_hand(tmp_path: Path) -> None:
    one, two = (by_hand(tmp_path / folder) for folder in ("one", "two"))
    assert not one & two
    assert {"one", "one_users", "one_outside", "one-gateway:latest", "one-users:latest"} <= one


@pytest.mark.skipif(shutil.which("docker") is None, reason="no docker program")
def test_two_clones_in_folders_of_one_name_may_have_names_of_their_own(tmp_path: Path) -> None:
    one = by_hand(tmp_path / "a" / "shop")
    (tmp_path / "b" / "shop").mkdir(parents=True)
    (tmp_path / "b" / "shop" / ".env").write_text("COMPOSE_PROJECT_NAME=second\n")
    assert not one & by_hand(tmp_path / "b" / "shop")


def by_hand(folder: Path) -> set[str]:
    """All names that a plain `docker compose up` in a clone gives to what it makes."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "docker-compose.yml", folder)
    program = Docker.find({name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ})
    done = program.run(["compose", "--project-directory", str(folder), "config", "--format", "json"])
    if not done.stdout:
        pytest.skip(f"docker compose: {done.stderr.strip()}")
    made = json.loads(done.stdout)
    parts = [*made["networks"].values(), *made["volumes"].values()]
    services = made["services"].values()
    own = {one["container_name"] for one in services if "container_name" in one}
    return {made["name"], *(one["name"] for one in parts), *(one["image"] for one in services)} | own


@pytest.mark.parametrize(("name", "image"), [("My__Shop-", "my-shop-gateway:t"), ("shop", "shop-gateway:t")])
def test_any_folders_name_makes_an_image(tmp_path: Path, name: str, image: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    shutil.copy(ROOT / "docker-compose.yml", folder)
    system = read(folder / "docker-compose.yml")
    assert overlay.image(system, system.gateway, "t") == image


@pytest.mark.parametrize("file", sorted(ROOT.glob("**/Dockerfile")), ids=lambda file: str(file.relative_to(ROOT)))
def test_what_an_image_gets_of_a_clone_is_readable_whatever_its_umask(file: Path) -> None:
    copies = [line for line in file.read_text().splitlines() if line.startswith("COPY ") and "--from=" not in line]
    assert [line for line in copies if not line.startswith("COPY --chmod=755 ")] == []

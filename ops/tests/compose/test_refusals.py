"""What keeps a Compose stack from coming up: each is one clear line with its exit code, and leaves nothing behind."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.errors import ConfigurationInvalid, Exit, OpsError, StackNotReady
from ops.provision import troubles
from ops.provision.docker import Docker
from ops.stacks.compose.project import Project
from ops.stacks.compose.stack import ComposeStack
from ops.stacks.layout import Layout
from ops.stacks.model import UpOptions
from ops.tests.compose import trees
from ops.tests.compose.conftest import QUIET, Make
from ops.tests.shop import SHOP

pytestmark = pytest.mark.whole


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return trees.copied(tmp_path / "tree")


def refused(stack: ComposeStack, up_options: UpOptions = UpOptions(0)) -> OpsError:  # noqa: B008  # frozen
    with stack.layout.held(), pytest.raises(OpsError) as refusal:
        stack.up(up_options, QUIET)
    assert "\n" not in str(refusal.value)
    return refusal.value


def has_nothing(stack: ComposeStack) -> bool:
    client, filters = stack.containers.client, stack.containers.filters
    lists = client.containers.list(all=True, filters=filters), client.networks.list(filters=filters)
    return not any([*lists, client.volumes.list(filters=filters), stack.layout.directory.exists()])


def test_a_broken_gateway_configuration_is_named_by_line_before_anything_runs(make: Make, tree: Path) -> None:
    trees.replace(tree / "gateway/nginx.conf", "worker_connections 16384;", "worker_connections many;")
    before, _, _ = (tree / "gateway/nginx.conf").read_text().partition("worker_connections many;")
    line = before.count("\n") + 1
    stack = make("broken", tree)
    refusal = refused(stack)
    assert refusal.exit == Exit.CONFIGURATION
    assert f"gateway/nginx.conf:{line}" in str(refusal)
    assert has_nothing(stack)


def test_a_running_stack_stays_as_it_is_when_the_new_gateway_is_refused(make: Make, tree: Path) -> None:
    stack = make("touched", tree)
    with stack.layout.held():
        before = stack.up(UpOptions(0), QUIET)
    trees.replace(tree / "gateway/includes/limits.conf", "server_tokens off;", "server_tokens of;")
    trees.replace(tree / "docker-compose.yml", "256M", "200M")
    assert "gateway/includes/limits.conf:" in str(refused(stack))
    assert stack.status() == before


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('["orders:/var', '["ordrs:/var', "ordrs"),
        ("expose: [", "exposes: [", "exposes"),
    ],
)
def test_a_compose_file_with_an_error_is_refused_in_composes_own_words(
    make: Make, tree: Path, old: str, new: str, word: str
) -> None:
    trees.replace(tree / "docker-compose.yml", old, new)
    stack = make("wrong", tree)
    refusal = refused(stack)
    assert isinstance(refusal, ConfigurationInvalid)
    assert "docker-compose.yml" in str(refusal)
    assert word in str(refusal)
    assert has_nothing(stack)


def test_a_port_that_is_taken_is_named(make: Make) -> None:
    stack = make("taken")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refusal = refused(stack, UpOptions(port))
    assert (refusal.exit, str(refusal)) == (
        Exit.NOT_READY,
        f"port {port} is taken; free it, or let --port 0 choose one",
    )
    assert has_nothing(stack)


def test_a_service_that_ends_at_once_is_named_with_its_last_words(make: Make, tree: Path) -> None:
    trees.replace(tree / "docker-compose.yml", "PRODUCTS_URL: http://products:8000", "PRODUCTS_URL: nowhere")
    refusal = refused(make("ended", tree))
    assert isinstance(refusal, StackNotReady)
    assert str(refusal).startswith("orders.1 ended before it was ready")
    assert any("PRODUCTS_URL" in line for line in refusal.log)


def test_a_build_that_fails_shows_its_end(make: Make, tree: Path) -> None:
    trees.replace(tree / "gateway/Dockerfile", "CMD [", "RUN echo no such luck && false\nCMD [")
    stack = make("unbuilt", tree)
    refusal = refused(stack)
    assert isinstance(refusal, StackNotReady)
    assert any("no such luck" in line for line in refusal.log)
    assert has_nothing(stack)


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[Path]:
    """A folder for programs that stand in for `docker`."""
    (tmp_path / "bin").mkdir()
    yield tmp_path / "bin"


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def stack_with(path: str, tmp_path: Path, **environment: str) -> ComposeStack:
    return ComposeStack(Layout("t", tmp_path / ".ops"), {"PATH": path, "HOME": str(tmp_path), **environment})


def test_without_docker_it_says_what_to_install(fake: Path, tmp_path: Path) -> None:
    refusal = refused(stack_with(str(fake), tmp_path))
    assert (refusal.exit, "apt-get install docker.io" in str(refusal)) == (Exit.NOT_READY, True)
    assert not (tmp_path / ".ops").exists()


def test_an_engine_that_does_not_answer_is_said(docker: Docker, tmp_path: Path) -> None:
    nowhere = f"unix://{tmp_path}/nobody.sock"
    refusal = refused(stack_with(docker.environment["PATH"], tmp_path, DOCKER_HOST=nowhere))
    assert (refusal.exit, "no Docker Engine answers" in str(refusal)) == (Exit.NOT_READY, True)
    assert not (tmp_path / ".ops").exists()


def test_an_engine_that_is_too_old_is_said(fake: Path, tmp_path: Path) -> None:
    program(fake, "docker", """echo '{"Version": "19.03.15"}'""")
    refusal = refused(stack_with(str(fake), tmp_path))
    assert str(refusal) == "Docker Engine 19.03.15 is too old, 20.10 or newer is needed"
    assert not (tmp_path / ".ops").exists()


@pytest.mark.parametrize(
    "said",
    [
        "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
        "all predefined address pools have been fully subscribed",
    ],
)
def test_an_engine_without_addresses_for_more_networks_is_said(fake: Path, tmp_path: Path, said: str) -> None:
    program(fake, "docker", f"echo 'failed to create network t_outside: {said}'; exit 1")
    layout = Layout("t", tmp_path / ".ops")
    layout.make()
    with pytest.raises(StackNotReady, match="no addresses left for more networks: docker network prune"):
        Project(Docker(str(fake / "docker"), {"PATH": str(fake)}), layout, SHOP).up()


ENGINE_ALONE = """test "$1" = version && echo '{"Version": "27.1.0"}' && exit
echo "docker: 'compose' is not a docker command." >&2; exit 1"""


def test_the_old_compose_is_not_enough(fake: Path) -> None:
    program(fake, "docker", ENGINE_ALONE)
    program(fake, "docker-compose", "echo 1.29.2")
    with pytest.raises(StackNotReady, match=r"is missing \(.*/docker-compose is the old version 1"):
        Docker.find({"PATH": str(fake)}).compose()


SERVED = """test "$1" = version && echo '{"Version": "27.1.0"}' && exit
test "$1" = context && echo "$T_HOST" && exit"""


def refuses(words: str) -> str:
    return f"echo '{words}' >&2; exit 1"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ('test "$1" = version && echo null || echo podman version 4.3.1', f"{troubles.PODMAN} (podman version 4.3.1)"),
        (
            """echo '{"Version": "4.3.1", "Components": [{"Name": "Podman Engine"}]}'""",
            f"{troubles.PODMAN} (version 4.3.1)",
        ),
        (
            refuses("permission denied while trying to connect to the Docker daemon socket"),
            "this user may not use the Docker Engine: add it to the group `docker` and sign in again",
        ),
        (
            refuses("Error response from daemon: client version 1.52 is too new. Maximum is 1.41"),
            "the `docker` program and its engine speak different versions of the API: upgrade the older one",
        ),
        (
            refuses("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?"),
            "no Docker Engine answers: start it (`sudo systemctl start docker`, or Docker Desktop)",
        ),
        (refuses("something else"), "no Docker Engine answers: something else"),
    ],
)
def test_an_engine_that_will_not_do_is_named_in_a_line(fake: Path, tmp_path: Path, script: str, words: str) -> None:
    program(fake, "docker", script)
    refusal = refused(stack_with(f"{fake}:/usr/bin:/bin", tmp_path))
    assert (refusal.exit, str(refusal)[: len(words)]) == (Exit.NOT_READY, words)
    assert not (tmp_path / ".ops").exists()


@pytest.mark.parametrize("host", ["tcp://10.0.0.5:2375", "ssh://me@build.example.com", "tcp://docker:2376"])
def test_an_engine_of_another_machine_is_refused_before_anything_is_built(
    fake: Path, tmp_path: Path, host: str
) -> None:
    program(fake, "docker", SERVED.replace("$T_HOST", host))
    refusal = refused(stack_with(f"{fake}:/usr/bin:/bin", tmp_path))
    assert str(refusal).startswith(f"the Docker Engine at {host} is not on this machine, so its ports are not reached")
    assert not (tmp_path / ".ops").exists()


@pytest.mark.parametrize("host", ["unix:///run/user/1000/docker.sock", "tcp://127.0.0.1:2375", "tcp://localhost:2375"])
def test_one_of_this_machine_is_not(fake: Path, host: str) -> None:
    program(fake, "docker", SERVED.replace("$T_HOST", host))
    Docker.find({"PATH": f"{fake}:/usr/bin:/bin"}).require_here()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("compose build requires buildx 0.17.0 or later", "Compose needs a newer buildx: install docker-buildx-plugin"),
        (
            "the --mount option requires BuildKit.",
            "Compose needs a newer buildx: install docker-buildx-plugin",
        ),
        (
            'error getting credentials - err: exec: "docker-credential-desktop": executable file not found in $PATH',
            "config.json in ~/.docker names a `credsStore` that is not there: install it",
        ),
        ("a riddle", "a riddle"),
    ],
)
def test_why_images_are_not_built_is_said_with_what_to_do(fake: Path, tmp_path: Path, said: str, words: str) -> None:
    program(fake, "docker", f"echo '{said}'; echo; exit 1")
    layout = Layout("t", tmp_path / ".ops")
    layout.make()
    with pytest.raises(StackNotReady) as refusal:
        Project(Docker(str(fake / "docker"), {"PATH": str(fake)}), layout, SHOP).build()
    assert str(refusal.value).startswith(f"the images cannot be built: {words}")

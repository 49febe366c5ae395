"""A gateway that is not built here: an image, a mounted configuration, nginx started by a shell's script."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import requests

from ops.errors import ConfigurationInvalid, Exit, StackNotReady
from ops.provision.docker import Docker
from ops.stacks.compose import containers, gateway
from ops.system import HARNESS
from ops.tests.shop import GATEWAY

pytestmark = pytest.mark.whole

IMAGE = "t-front:1"
RUN = "mkdir -p /tmp/front && exec nginx -p /tmp/front -e stderr -c /etc/front/nginx.conf -g 'daemon off;'"
CONF = """
pid /tmp/front/pid; events {} http {
  client_body_temp_path /tmp/front/b; proxy_temp_path /tmp/front/p; fastcgi_temp_path /tmp/front/f;
  uwsgi_temp_path /tmp/front/u; scgi_temp_path /tmp/front/s; access_log /dev/stdout;
  server { listen 9090; location /api { proxy_pass http://api:9090; } location = /there { return 200 "there"; } }
}
"""
SYSTEM = f"""
x-ops: {{ gateway: front }}
services:
  front:
    image: {IMAGE}
    entrypoint: [sh, -c]
    command: ["{RUN}"]
    ports: ["9090"]
    volumes: ["./front.conf:/etc/front/nginx.conf:ro"]
    depends_on: [api]
    x-ops: {{ nginx: front.conf, calls: [api] }}
  api:
    image: {IMAGE}
    entrypoint: [sh, -c]
    command: ["{RUN}"]
    expose: ["9090"]
    volumes: ["./api.conf:/etc/front/nginx.conf:ro"]
    x-ops: {{ ready: /there, route: {{ path: /there }} }}
"""


@pytest.fixture(scope="module")
def image(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The shop's, as somebody else's: the layers are those of the shop."""
    file = tmp_path_factory.mktemp("image") / "compose.yaml"
    build = f"{{ context: {HARNESS}, dockerfile: gateway/Dockerfile }}"
    file.write_text(f"services: {{ front: {{ image: {IMAGE}, build: {build} }} }}")
    building = Docker(docker.binary, {**docker.environment, "DOCKER_BUILDKIT": "1"})
    done = building.run(["compose", "--file", str(file), "build", "--quiet"])
    assert done.returncode == 0, done.stderr[-300:]
    yield IMAGE
    docker.run(["image", "rm", "--force", IMAGE])


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    file = tmp_path / "front.conf"
    file.write_text(CONF)
    return file


def judged(
    docker: Docker, image: str, command: Sequence[str], conf: Path, *more: Mapping[str, str], **given: object
) -> bool:
    """What its test says, of a service as `docker compose config` shows it, with `more` volumes."""
    mount = {"type": "bind", "source": str(conf), "target": "/etc/front/nginx.conf", "read_only": True}
    own = {"image": image, "entrypoint": list(command), "command": None, "volumes": [mount, *more], **given}
    document: dict[str, Any] = {"services": {GATEWAY: own}, "configs": {"certs": {"content": "here"}}}
    client = containers.connect(docker.host())
    return gateway.check_image(client, document, {"t-front": "1"})


@pytest.mark.parametrize("where", ["api:9090", "users:9090"])
@pytest.mark.parametrize("start", [["sh", "-c", RUN], ["bash", "-ec", RUN], ["sh", "-c", f"true; {RUN}"]])
def test_it_is_judged_with_its_mounts_and_by_a_scripts_nginx(
    docker: Docker, image: str, conf: Path, start: list[str], where: str
) -> None:
    """Only the peers that the system names have an address while it is tested."""
    conf.write_text(CONF.replace("api:9090", where))
    if where == "users:9090":
        assert judged(docker, image, start, conf)
        return
    with pytest.raises(ConfigurationInvalid, match=r"host not found in upstream .*nginx\.conf:5|front/nginx\.conf:5"):
        judged(docker, image, start, conf)


@pytest.mark.parametrize("start", [["sleep", "60"], ["sh", "-c", "sleep 60 # nginx"]])
def test_what_does_not_start_nginx_by_its_name_is_not_tested(
    docker: Docker, image: str, conf: Path, start: list[str]
) -> None:
    assert not judged(docker, image, start, conf)


@pytest.mark.parametrize(
    ("volumes", "given"),
    [
        ([{"type": "volume", "source": "certs", "target": "/certs"}], {}),
        ([], {"secrets": [{"source": "certs", "target": "/certs"}]}),
        ([], {"configs": [{"source": "certs", "target": "/certs"}]}),
    ],
)
def test_what_needs_more_than_this_machines_files_is_not_tested(
    docker: Docker, image: str, conf: Path, volumes: list[dict[str, str]], given: dict[str, object]
) -> None:
    conf.write_text(f"include /certs/main.conf; {CONF.replace('api:9090', 'users:9090')}")
    assert not judged(docker, image, ["sh", "-c", RUN], conf, *volumes, **given)


def test_the_name_of_a_user_is_not_taken_for_the_program(docker: Docker, image: str, conf: Path) -> None:
    """`env -u` has the place of what `su-exec` is in other images: the first `nginx` is its own."""
    conf.write_text("pid /tmp/pid; events {}")
    assert judged(docker, image, ["env", "-u", "nginx", "nginx", "-e", "stderr", "-c", "/etc/front/nginx.conf"], conf)
    own = 'su-exec() { shift; "$@"; }; su-exec nginx nginx -c /etc/front/nginx.conf'
    assert not judged(docker, image, ["bash", "-c", own], conf)


def test_a_script_that_fails_before_nginx_does_is_no_refusal(docker: Docker, image: str, conf: Path) -> None:
    assert not judged(docker, image, ["sh", "-ec", f"cat /absent; {RUN}"], conf)


def test_an_image_that_cannot_be_had_is_said(docker: Docker, conf: Path) -> None:
    with pytest.raises(StackNotReady, match="the configuration of gateway cannot be tested: .*nowhere.invalid"):
        judged(docker, "nowhere.invalid/front:1", ["nginx"], conf)


NAME = "t-front"


@pytest.fixture
def file(image: str, conf: Path) -> Iterator[Path]:
    """A system in a folder whose name cannot be a project's; its gateway does not say where it is ready."""
    folder = conf.parent / "My System!"
    folder.mkdir()
    (folder / "front.conf").write_text(CONF)
    (folder / "api.conf").write_text(CONF.replace("http://api:9090", "http://127.0.0.1:9"))
    (folder / "compose.yaml").write_text(SYSTEM)
    yield folder / "compose.yaml"
    assert ops(folder / "compose.yaml", "down").returncode == Exit.HELD


def ops(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "ops", *arguments, "--name", NAME, "--file", str(file)]
    return subprocess.run(call, cwd=HARNESS, capture_output=True, text=True, timeout=120)


def test_it_comes_up_and_is_ready_when_it_takes_connections(file: Path) -> None:
    up = ops(file, "up", "--stack", "compose", "--port", "0")
    assert up.returncode == Exit.HELD, up.stderr
    url = up.stdout.splitlines()[0].rpartition(" at ")[2]
    assert up.stdout.startswith(f"{NAME} (compose) is ready at http://127.0.0.1:")
    assert [requests.get(f"{url}{path}", timeout=5).status_code for path in ("/there", "/")] == [200, 404]

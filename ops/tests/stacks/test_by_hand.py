"""Stacks of this checkout that `docker compose up` started are found without their name, by Compose's labels."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ops.cli import cli
from ops.errors import StackNotReady, WrongUsage
from ops.outcome import Outcome
from ops.stacks import layout, registry
from ops.stacks.compose.by_hand import LABELS
from ops.stacks.compose.labels import FILES, FOLDER, PROJECT, SERVICE, STACK
from ops.system import HARNESS, current
from ops.tests.shop import GATEWAY

pytestmark = pytest.mark.whole


@dataclass(frozen=True)
class Front:
    """A gateway's container as the engine shows it: of which project, made from which folder, and by whom."""

    project: str
    folder: Path = HARNESS
    is_ours: bool = False

    @property
    def labels(self) -> dict[str, str]:
        made = {PROJECT: self.project, FILES: str(self.folder / "docker-compose.yml"), FOLDER: str(self.folder)}
        return {**made, SERVICE: GATEWAY, STACK: "/somewhere/.ops/default" if self.is_ours else ""}

    @property
    def row(self) -> str:
        """As `docker ps` shows it."""
        return "\t".join(self.labels.get(label, "") for label in LABELS)

    def document(self) -> dict[str, object]:
        port = {f"{current().gateway.port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}
        config = {"Labels": self.labels}
        state = {"Status": "running"}
        return {
            "Id": self.project,
            "Created": "2026-01-02T03:04:05Z",
            "Config": config,
            "State": state,
            "NetworkSettings": {"Ports": port},
        }


@contextmanager
def engine(monkeypatch: pytest.MonkeyPatch, folder: Path, fronts: Sequence[Front]) -> Iterator[None]:
    """One that runs these, and a `docker` program that lists them; what other tests have brought up is not seen."""
    monkeypatch.setattr(layout, "names", lambda: [])

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            of = {one.project: one.document() for one in fronts}
            asked = next((of[name] for name in of if f"/{name}/json" in self.path), None)
            listed = [{"Id": one.project} for one in fronts if _is_asked_for(one, self.path)]
            body = {"ApiVersion": "1.41"} if self.path.endswith("/version") else asked or listed
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's own name
            pass

    program = folder / "docker"
    program.write_text('#!/bin/sh\ntest "$1" = ps && cat "$0.rows"\n')
    (folder / "docker.rows").write_text("".join(f"{one.row}\n" for one in fronts))
    program.chmod(0o755)
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        monkeypatch.setenv("PATH", str(folder), prepend=":")
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()


def _is_asked_for(front: Front, path: str) -> bool:
    """The engine's own filter by the project."""
    return f"{PROJECT}%3D{front.project}%22" in path


def test_the_only_one_is_what_is_meant_where_no_name_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strangers = (Front("other", tmp_path), Front("t-ours", is_ours=True))
    with engine(monkeypatch, tmp_path, [Front("t-clone"), *strangers]):
        assert registry.running(registry.DEFAULT).name == "t-clone"
        assert [one.name for one in registry.by_hand()] == ["t-clone"]
        with pytest.raises(WrongUsage, match="docker compose --project-name t-clone down ends it"):
            cli.main(["down"], standalone_mode=False)
        outcome = cli.main(["down", "--all"], standalone_mode=False)
    assert "t-clone is not removed: docker compose started t-clone" in capsys.readouterr().err
    assert isinstance(outcome, Outcome)
    assert "there is no stack" not in str(outcome.text)


def test_of_several_each_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with engine(monkeypatch, tmp_path, [Front("t-two"), Front("t-one")]):
        with pytest.raises(StackNotReady, match="there is no stack 'default'; there are .*t-one, t-two"):
            registry.running(registry.DEFAULT)
        assert registry.running("t-two").name == "t-two"
        said = cli.main(["status"], standalone_mode=False)
    lines = [line for line in str(said.text).splitlines() if line.startswith("also here: t-")]
    assert [line.partition(";")[0] for line in lines] == [
        f"also here: {name} (compose) at http://127.0.0.1:8080" for name in ("t-one", "t-two")
    ]


def test_a_name_as_long_as_a_folders_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    name = "t-" + "a" * 50
    with engine(monkeypatch, tmp_path, [Front(name)]):
        assert registry.running(registry.DEFAULT).name == name

"""A tree with the repository's gateway and services that say what a test wants them to say."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ops.checks import reference
from ops.checks.configuration import parse
from ops.tests.shop import SERVICES, SOURCE

TIMEOUTS = {
    **{"connect": 0.3, "attempt": 1.0, "call": 1.9, "peers": 2.8, "databaseBusy": 1.5, "handler": 4.3},
    **{"drainGrace": 8.0, "stopGrace": 15.0, "channelTimeout": 120.0, "shedAfter": 1.0},
}


def document(*paths: str) -> dict[str, Any]:
    """A small OpenAPI document with these paths."""
    answers = {"get": {"responses": {"200": {"description": "Well."}}}}
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": dict.fromkeys(paths, answers)}


def plant(root: Path, **said: Mapping[str, Any] | str) -> Path:
    """`said` replaces what a service prints, e.g. users_openapi={…}, or a program as text: users_timeouts="raise …"."""
    shutil.copytree(SOURCE, root / "gateway")
    shutil.copy(SOURCE.parent / "docker-compose.yml", root)
    for service in SERVICES:
        package = root / "services" / service
        package.mkdir(parents=True)
        programs = {
            "openapi": _program(said.get(f"{service}_openapi", document(f"/{service}"))),
            "timeouts": _program(said.get(f"{service}_timeouts", TIMEOUTS)),
        }
        (package / "__main__.py").write_text(f"import sys\nexec({programs!r}[sys.argv[1]])\n")
    documents = {service: document(f"/{service}") for service in SERVICES}
    (root / "gateway/docs/openapi.json").write_text(reference.text(joined(root, documents)))
    return root


def joined(root: Path, documents: Mapping[str, Any]) -> dict[str, Any]:
    """The document of the whole API of that tree."""
    own = yaml.safe_load((root / "gateway/openapi.yaml").read_text())
    return reference.document(documents, parse(root / "gateway/nginx.conf"), "gateway", own)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new))


def _program(said: Mapping[str, Any] | str) -> str:
    return said if isinstance(said, str) else f"print({json.dumps(said)!r})"

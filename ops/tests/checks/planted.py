"""A tree with the repository's gateway and services that say what a test wants them to say."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.checks import reference
from ops.checks.configuration import parse
from ops.gateway.rendering import SERVICES, SOURCE

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
    joined = reference.document(documents, parse(root / "gateway/nginx.conf"))
    (root / reference.FILE).write_text(reference.text(joined))
    return root


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new))


def _program(said: Mapping[str, Any] | str) -> str:
    return said if isinstance(said, str) else f"print({json.dumps(said)!r})"

"""What is kept of a Compose stack before it goes: logs, state and health history of its containers, configuration."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ops.errors import ConfigurationInvalid
from ops.journal.masking import mask, mask_text
from ops.stacks import evidence
from ops.stacks.compose.project import Project
from ops.stacks.layout import Layout


def keep(found: Iterable[Any], project: Project, layout: Layout, folder: Path) -> None:
    """Write `inspect/<container>.json` (with its health checks), `compose.yml` as it was meant, and `logs/`."""
    inspected = folder / "inspect"
    inspected.mkdir(parents=True, exist_ok=True)
    for container in found:
        document = json.dumps(mask(container.attrs), indent=1)
        (inspected / f"{container.name}.json").write_text(document)
    (folder / "compose.yml").write_text(mask_text(_meant(project)))
    evidence.copy(layout.logs, folder / "logs")


def _meant(project: Project) -> str:
    try:
        return project.config()
    except ConfigurationInvalid as refused:
        return f"# {refused}\n"

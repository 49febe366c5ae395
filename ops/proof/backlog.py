"""The backlog's tickets and their acceptance criteria, as `features/backlog.yaml` has them."""

from __future__ import annotations

from typing import Any

import yaml

from ops.stacks.layout import ROOT

FILE = ROOT / "features" / "backlog.yaml"


def read() -> dict[str, Any]:
    """Ticket to `{title, criteria: {number: text}}`."""
    tickets: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return tickets

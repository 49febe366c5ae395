"""The backlog's tickets and their acceptance criteria, as the system's backlog has them."""

from __future__ import annotations

from typing import Any

import yaml

from ops.system import current


def read() -> dict[str, Any]:
    """Ticket to `{title, criteria: {number: text}}`; none where the system has no backlog."""
    file = current().backlog
    tickets: dict[str, Any] = yaml.safe_load(file.read_text()) if file else {}
    return tickets

"""The backlog's tickets and their acceptance criteria, as the system's backlog has them."""

from __future__ import annotations

from ops import yaml_text
from ops.journal.events import Ticket
from ops.system import current


def read() -> dict[str, Ticket]:
    """The tickets by their IDs; none where the system has no backlog."""
    file = current().backlog
    found = yaml_text.parsed(file.read_text()) if file else {}
    return {str(ticket): Ticket.model_validate(entry) for ticket, entry in found.items()}

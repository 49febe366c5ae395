"""The command that traces a request."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class TraceLink:
    """For the requests of a run; `has_logs` is False where the logs of its stack cannot be read from here."""

    run: str
    has_logs: bool = True

    def command(self, request_id: str) -> str:
        """What traces it, for a shell; empty where there is nothing to trace it in."""
        if not self.has_logs:
            return ""
        run = [] if request_id.endswith(f"-{self.run}") else ["--run", self.run]
        end_of_options = ["--"] if request_id.startswith("-") else []
        return shlex.join(["python3", "-m", "ops", "trace", *run, *end_of_options, request_id])

    def words(self, request_id: str) -> str:
        """The command, or why there is none."""
        why = f"request {request_id}; the logs of a stack at a URL cannot be read from here"
        return self.command(request_id) or why

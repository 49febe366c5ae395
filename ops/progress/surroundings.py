"""Where our output goes to, as the environment tells it."""

from __future__ import annotations

import os
from pathlib import Path


def in_ci() -> bool:
    """True where nobody looks on while it happens: also a pseudo-terminal gets plain lines there."""
    return os.environ.get("CI", "").lower() in ("1", "true") or in_github()


def in_github() -> bool:
    """True in a GitHub Actions job, which understands workflow commands in what we write."""
    return os.environ.get("GITHUB_ACTIONS", "").lower() == "true"


def github_summary() -> Path | None:
    """The file that GitHub shows as the job's summary; None elsewhere."""
    place = os.environ.get("GITHUB_STEP_SUMMARY", "")
    return Path(place) if in_github() and place else None

"""What the `docker` program says when it cannot do its work, and what a user does about each."""

from __future__ import annotations

import re

PODMAN = (
    "`docker` is Podman here, which lacks what `--stack compose` needs: install Docker Engine, or use the local stack"
)
TROUBLES = (
    (
        r"permission denied while trying to connect",
        "this user may not use the Docker Engine: add it to the group `docker` and sign in again, or call this as root",
    ),
    (
        r"client version \S+ is too (new|old)|client is newer than server",
        "the `docker` program and its engine speak different versions of the API: upgrade the older one",
    ),
    (
        r"error getting credentials|docker-credential-\S+: executable file not found",
        "config.json in ~/.docker names a `credsStore` that is not there: install it, or remove the line",
    ),
    (
        r"requires buildx|requires BuildKit|buildx component is missing",
        "Compose needs a newer buildx: install docker-buildx-plugin (Docker's own) or docker-buildx (Debian, Ubuntu)",
    ),
    (
        r"Cannot connect to the Docker daemon|failed to connect to the docker API|error during connect",
        "no Docker Engine answers: start it (`sudo systemctl start docker`, or Docker Desktop)",
    ),
)
"""Words of the program, and what they mean; the first that occur count."""


def explained(said: str) -> str:
    """What is wrong and what to do, with the line that says so; empty for words that nobody knows."""
    for pattern, meaning in TROUBLES:
        for line in said.splitlines():
            if re.search(pattern, line):
                return f"{meaning} ({line.strip()})"
    return ""

"""The shop, which most tests of the harness use as their system."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.gateway.rendering import render
from ops.system import HARNESS, read

SHOP = read(HARNESS / "docker-compose.yml")
SERVICES = SHOP.names
GATEWAY = SHOP.gateway.name
SOURCE = HARNESS / "gateway"
ROUTES = SOURCE / "routes.yaml"
KEY = ["sh", "-c", 'cat "$JWT_PRIVATE_KEY_FILE"']
"""Prints the key that signs the tokens, where users runs."""


def rendered(target: Path, *, listen: str, upstreams: Mapping[str, Sequence[str]]) -> None:
    """The shop's gateway for a local stack."""
    render(target, SHOP.gateway, listen=listen, upstreams=upstreams)
    program = SOURCE / "local" / "library.py"
    subprocess.run([sys.executable, str(program), str(target / "docs" / "library")], check=True)

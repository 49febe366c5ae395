"""`python -m features.load COMMAND`: what `ops bench` asks; each answer is one JSON object on standard output.

kinds          the names of the requests: {"requests": [NAME, …]}
prepare URL    accounts and orders at that gateway, and the requests to send:
               {"validFor": SECONDS, "requests": [{"name", "method", "path", "headers", "body"}, …]}
count URL      how many of each kind are stored, given on standard input what `prepare` printed: {NAME: COUNT}
peers          the other implementations: {"requirements": FILE, "peers": [{"name", "label", "module"}, …]}

Exit code 1, and one line on standard error, when the shop does not answer as it should.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from features.load.shop import KINDS, Document, Refused, count, prepare

PEERS = Path(__file__).parent / "peers"
LABELS = {
    "fastapi_raw": "FastAPI, uvicorn with uvloop, aiohttp, sqlite3",
    "fastapi_orm": "FastAPI, uvicorn, SQLAlchemy, httpx",
    "flask_orm": "Flask, gunicorn gthread, SQLAlchemy, requests",
}


def kinds() -> Document:
    """The names of the requests."""
    return {"requests": list(KINDS)}


def peers() -> Document:
    """Where the other implementations are, and what they need."""
    listed = [
        {"name": name.replace("_", "-"), "label": label, "module": f"features.load.peers.{name}"}
        for name, label in LABELS.items()
    ]
    return {"requirements": str(PEERS / "requirements.txt"), "peers": listed}


COMMANDS: dict[str, tuple[int, Callable[..., Document]]] = {
    "kinds": (0, kinds),
    "prepare": (1, prepare),
    "count": (1, lambda url: count(url, json.load(sys.stdin))),
    "peers": (0, peers),
}
"""How many arguments each takes, and what it does."""


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    name, *rest = arguments or [""]
    takes, run = COMMANDS.get(name, (-1, kinds))
    if len(rest) != takes:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        answer = run(*rest)
    except (Refused, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


sys.exit(main(sys.argv[1:]))

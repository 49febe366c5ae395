"""The stack that this repository ships: its services, who calls whom, and the settings of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("users", "products", "orders")
GATEWAY = "gateway"
CALLS = {"users": (), "products": ("users",), "orders": ("users", "products")}
"""Which peers a service calls; each is told its peers' addresses as `<PEER>_URL`."""

WAYS: Mapping[str, Sequence[str]] = {GATEWAY: SERVICES, **CALLS}
"""The same, and whom the gateway asks."""

ROUTES = {"users": ("/users/me", 401), "products": ("/products?limit=1", 200), "orders": ("/orders", 401)}
"""A path through the gateway to each service, and what a service that is well answers to a stranger."""

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Link:
    """One direction between two services, written `orders:products`."""

    caller: str
    peer: str

    @classmethod
    def parse(cls, text: str) -> Link:
        """Raises ValueError when no such link exists."""
        caller, _, peer = text.partition(":")
        if peer not in WAYS.get(caller, ()):
            raise ValueError(f"{text!r} is no link; there are {', '.join(map(str, links()))}")
        return cls(caller, peer)

    def __str__(self) -> str:
        return f"{self.caller}:{self.peer}"

    @property
    def service(self) -> str:
        """The service whose answers to customers need it."""
        return self.peer if self.caller == GATEWAY else self.caller


def links() -> tuple[Link, ...]:
    """Every link between the gateway and a service, and between two services."""
    return tuple(Link(caller, peer) for caller, peers in WAYS.items() for peer in peers)


def settings(service: str, port: int, data: Path, key: Path, peers: Mapping[str, str]) -> dict[str, str]:
    """The environment of one service; `peers` maps each of its peers to `host:port`."""
    values = {
        "HOST": HOST,
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{data / service}.db",
        **{f"{peer.upper()}_URL": f"http://{address}" for peer, address in peers.items()},
    }
    if service == "users":
        values["JWT_PRIVATE_KEY_FILE"] = str(key)
    return values

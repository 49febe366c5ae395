"""Addresses and links as they are written on the command line."""

from collections.abc import Iterable
from dataclasses import dataclass

TCP = "tcp:"
SECRET = "FAULT_PROXY_SECRET"  # noqa: S105  # the setting's name
"""The setting that holds what the control takes its calls by; arguments are there for all to see."""
LISTENING = "listening"
"""What the proxy in a namespace says once it does; here, where who reads it need not load the proxy."""


@dataclass(frozen=True)
class Address:
    """`HOST:PORT`; an IPv6 host stands in brackets."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Raises ValueError, saying what is wrong."""
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise ValueError(f"{text!r} is not HOST:PORT")
        return cls(host.strip("[]"), int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class LinkPlan:
    """`NAME=LISTEN=[tcp:]TARGET`: what comes in at `listen` goes on to `target`, which with `tcp:` speaks no HTTP.

    Links of one name share their faults.
    """

    name: str
    listen: Address
    target: Address
    is_http: bool = True

    @classmethod
    def parse(cls, text: str) -> "LinkPlan":
        """Raises ValueError, saying what is wrong."""
        parts = text.split("=")
        if len(parts) != 3 or not parts[0]:
            raise ValueError(f"{text!r} is not NAME=LISTEN_HOST:PORT=[{TCP}]TARGET_HOST:PORT")
        target = parts[2].removeprefix(TCP)
        return cls(parts[0], Address.parse(parts[1]), Address.parse(target), is_http=target == parts[2])

    def __str__(self) -> str:
        return f"{self.name}={self.listen}={'' if self.is_http else TCP}{self.target}"


def arguments(control: Address, plans: Iterable[LinkPlan]) -> list[str]:
    """What the fault proxy is started with: where it is told what to do, and its links."""
    return ["--control", str(control), *(word for plan in plans for word in ("--link", str(plan)))]

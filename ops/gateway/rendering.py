"""One gateway/nginx.conf for every stack: copied as it is, with the stack's own answers to where, in stack/*.conf."""

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.gateway import pages

SOURCE = Path(__file__).resolve().parents[2] / "gateway"
SERVICES = ("users", "products", "orders")
_ADDRESS = re.compile(r"[A-Za-z0-9.\-\[\]:_]+")


def render(target: Path, *, listen: str, upstreams: Mapping[str, Sequence[str]], source: Path = SOURCE) -> None:
    """Write the configuration of a stack to `target`, which is also the prefix to run nginx with.

    `listen` is `address:port`; `upstreams` has for each of users, products and orders every replica's `address:port`.
    Logs go to `target/logs`. Written over an earlier one, a reload takes it up. Raises ValueError for a wrong address.
    """
    _checked(listen, upstreams)
    (target / "logs").mkdir(parents=True, exist_ok=True)
    (target / "stack").mkdir(exist_ok=True)
    shutil.copy(source / "nginx.conf", target / "nginx.conf")
    shutil.copytree(source / "includes", target / "includes", dirs_exist_ok=True)
    (target / "stack/main.conf").write_text("error_log logs/error.log warn;\n")
    (target / "stack/http.conf").write_text(_http(upstreams))
    (target / "stack/server.conf").write_text(f"listen {listen} default_server;\nroot {pages.ROOT};\n")
    pages.lay_out(target, source)


def _checked(listen: str, upstreams: Mapping[str, Sequence[str]]) -> None:
    if set(upstreams) != set(SERVICES) or not all(upstreams.values()):
        raise ValueError(f"each of {', '.join(SERVICES)} needs an address: {dict(upstreams)}")
    for address in [listen, *(address for replicas in upstreams.values() for address in replicas)]:
        if not _ADDRESS.fullmatch(address):
            raise ValueError(f"not an address: {address!r}")


def _http(upstreams: Mapping[str, Sequence[str]]) -> str:
    blocks = [_service(name, upstreams[name]) for name in SERVICES]
    return "\n".join(["access_log logs/access.log requests;\n", *blocks])


def _service(name: str, replicas: Sequence[str]) -> str:
    """max_fails=0: two replicas that restart one after the other must never both count as down."""
    servers = "".join(f"    server {address} max_fails=0;\n" for address in replicas)
    keepalive = "    keepalive 16;\n    keepalive_timeout 15s;\n"
    return (
        f'upstream {name}_pool {{\n{servers}{keepalive}}}\n\nmap "" ${name} {{\n    default http://{name}_pool;\n}}\n'
    )

"""The gateway of a local stack: the tree's own configuration, with the files laid over it that say where things are.

In those files `{{listen}}` is the gateway's address, and `{{<service>}}` that of a service; a line with a service's is
repeated for each of its replicas.
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ops.errors import ConfigurationInvalid
from ops.system import Service

SHOWN = re.compile(r"\{\{([\w.-]+)\}\}")
LISTEN = "listen"
_ADDRESS = re.compile(r"[A-Za-z0-9.\-\[\]:_]+")


def render(target: Path, service: Service, *, listen: str, upstreams: Mapping[str, Sequence[str]]) -> None:
    """Write the configuration of a stack to `target`, which is also the prefix to run nginx with.

    `listen` is `address:port`; `upstreams` has every replica's `address:port` for each service that the gateway calls.
    Logs go to `target/logs`. Written over an earlier one, a reload takes it up. Raises ValueError for a wrong address.
    """
    if service.nginx is None or service.local is None or service.local.overlay is None:
        raise ConfigurationInvalid(
            f"{service.name} has no x-ops.nginx and x-ops.local.overlay, so there is no local stack (docs/system.md); "
            "`--stack compose` runs it in its container"
        )
    addresses = {**upstreams, LISTEN: [listen]}
    _check(addresses, [*service.calls, LISTEN])
    source, overlay = service.nginx.parent, service.local.overlay
    (target / "logs").mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=lambda folder, _: _left_out(Path(folder), overlay))
    for file in (one for one in overlay.rglob("*.conf") if one.is_file()):
        place = target / file.relative_to(overlay)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("".join(_filled(file.read_text(), addresses)))


def _left_out(folder: Path, overlay: Path) -> list[str]:
    return [overlay.name] if folder == overlay.parent else []


def _check(addresses: Mapping[str, Sequence[str]], names: Sequence[str]) -> None:
    if set(addresses) != set(names) or not all(addresses.values()):
        raise ValueError(f"each of {', '.join(names)} needs an address: {dict(addresses)}")
    for address in [address for replicas in addresses.values() for address in replicas]:
        if not _ADDRESS.fullmatch(address):
            raise ValueError(f"not an address: {address!r}")


def _filled(text: str, addresses: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for line in text.splitlines(keepends=True):
        shown = SHOWN.search(line)
        if shown is None:
            yield line
        elif shown[1] not in addresses:
            raise ValueError(f"there is no address of {shown[1]!r}: {line.strip()}")
        else:
            yield from (line.replace(shown[0], address) for address in addresses[shown[1]])

"""All checks of a system: its gateway as Compose and the local stack run it, what its services say of themselves."""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from ops import yaml_text
from ops.checks import gixy, openapi, reference, routes, services, timeouts
from ops.checks.configuration import Directive, parse
from ops.checks.results import Check, CheckFailed, CheckResult
from ops.errors import OpsError
from ops.gateway.nginx import STREAM, Nginx
from ops.gateway.rendering import render
from ops.system import HOST, Service, System

Said: TypeAlias = Future[dict[str, Any]]

NOWHERE = ["127.0.0.1:9", "127.0.0.2:9"]
"""Nothing listens there: a configuration must hold before any service exists."""

DOCKERS_GRACE = "10s"
"""How long Docker waits for a container to end when nothing is said."""

UPSTREAM = re.compile(r"\bupstream\s+([\w.-]+)")

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATION = re.compile(r"(?:\d+(?:ms|s|m|h))+")
"""Compose's notation."""

SKIPS = ("missing_resolver",)
"""The variable after `proxy_pass` is an `upstream` of addresses or sockets, which gixy takes for a name."""


@dataclass(frozen=True)
class Gateway:
    """A configuration to look at; nginx may write below `prefix`. It loads `module`, which not every machine has.

    `tested` is what nginx itself is given, where that is a copy; `shown` is the folder's name in the tree.
    """

    name: str
    prefix: Path
    conf: Path
    routes: Path | None = None
    find: Callable[[], Nginx] = Nginx.find
    module: Path | None = None
    tested: Path | None = None
    shown: str = "gateway"

    def checks(self) -> list[Check]:
        held = [Check(f"routes ({self.name})", partial(self._routes, self.routes))] if self.routes else []
        return [
            Check(f"nginx -t ({self.name})", self._nginx),
            Check(f"gixy ({self.name})", lambda: gixy.check(self.conf, SKIPS)),
            Check(f"crossplane ({self.name})", self._crossplane),
            *held,
        ]

    def _routes(self, file: Path) -> str:
        return routes.check(self.parsed(), file)

    def parsed(self) -> Directive:
        """The configuration, for other checks. Raises CheckFailed, which leaves the reason to the check of its own."""
        try:
            return parse(self.conf)
        except CheckFailed as error:
            raise CheckFailed(
                f"not looked at: the configuration cannot be read, see crossplane ({self.name})"
            ) from error

    def _nginx(self) -> str:
        try:
            nginx = self.find()
            if self.module and not self.module.exists():
                return f"left to the nginx of its image: there is no {self.module} here"
            nginx.test(self.prefix, str(self.tested or self.conf))
        except OpsError as error:
            raise self._failed(error) from error
        return f"nginx {nginx.version}"

    def _crossplane(self) -> str:
        try:
            return f"{len(parse(self.conf).block)} top-level directives"
        except CheckFailed as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> CheckFailed:
        """With the names that the files have in the repository."""
        text = str(error)
        for folder in {self.conf.parent, (self.tested or self.conf).parent}:
            text = text.replace(f"{folder}/", f"{self.shown}/")
        return CheckFailed(text)


def run(system: System) -> list[CheckResult]:
    """Every check of the system, at the same time, none needing a running service. In a fixed order."""
    with _gateways(system) as gateways, ThreadPoolExecutor() as asking:
        said = {one.name: asking.submit(_said, system, one, one.openapi) for one in system.services if one.openapi}
        checks = [check for gateway in gateways for check in gateway.checks()]
        if gateways and any(one.timeouts for one in system.services):
            checks.append(Check("timeouts", lambda: _timeouts(system, gateways)))
        if gateways:
            checks.extend(_documents(system, gateways[0], said))
        return _together(checks)


def unchecked(system: System) -> list[str]:
    """What cannot be checked because the system does not describe it, a line for each."""
    lacking = {
        "the gateway's configuration": not system.gateway.nginx,
        "routes": not system.gateway.routes,
        "timeouts": not any(one.timeouts for one in system.services),
        "API documents": not any(one.openapi for one in system.services),
    }
    return [f"{what}: not described in {system.file.name}" for what, lacks in lacking.items() if lacks]


def run_gateway(prefix: Path, system: System) -> list[CheckResult]:
    """The checks of one rendered gateway, which may be running with this prefix."""
    return _together(_local(system, prefix).checks())


def api_document(system: System) -> dict[str, Any]:
    """The OpenAPI document of the whole API, as the system makes it. Raises CheckFailed."""
    said = {one.name: _said(system, one, one.openapi) for one in system.services if one.openapi}
    return _joined_document(system, said, parse(_nginx_of(system)))


def _said(system: System, service: Service, command: Sequence[str]) -> dict[str, Any]:
    return services.said(system.root, service.name, command)


def _nginx_of(system: System) -> Path:
    if system.gateway.nginx is None:
        raise CheckFailed(f"{system.file.name} does not name the gateway's nginx configuration")
    return system.gateway.nginx


@contextmanager
def _gateways(system: System) -> Iterator[list[Gateway]]:
    """The local one is rendered; Compose's is the tree's own, so that a finding names the tree's file."""
    conf, local = system.gateway.nginx, system.gateway.local
    with TemporaryDirectory(prefix="gateproof-check-") as scratch:
        found = []
        if local and local.overlay:
            rendered = Path(scratch, "local")
            upstreams = dict.fromkeys(system.gateway.calls, NOWHERE)
            render(rendered, system.gateway, listen="127.0.0.1:8080", upstreams=upstreams)
            found.append(_local(system, rendered))
        if conf:
            copy = _resolvable(conf, Path(scratch, "compose"), system.gateway.calls)
            loads = any(STREAM.name in file.read_text() for file in conf.parent.rglob("*.conf"))
            module = STREAM if loads else None
            shown = conf.parent.name
            found.append(Gateway("compose", copy.parent, conf, system.gateway.routes, Nginx.find, module, copy, shown))
        yield found


def _resolvable(conf: Path, target: Path, names: Iterable[str]) -> Path:
    """A copy in which the services have addresses: nginx looks names of upstreams up when it reads them."""
    shutil.copytree(conf.parent, target)
    texts = {file: file.read_text() for file in target.rglob("*.conf")}
    upstreams = {name for text in texts.values() for name in UPSTREAM.findall(text)}
    known, asked = _any_of(names), _any_of(set(names) - upstreams)
    peer = re.compile(
        rf"(?<![\w.-]){known}(?=:\d)|(?<=\bserver ){known}(?=[\s;])|(?<=_pass ){asked}(?=;)|(?<=://){asked}(?=[/;])"
    )
    for file, text in texts.items():
        file.write_text(peer.sub(HOST, text))
    return target / conf.name


def _any_of(names: Iterable[str]) -> str:
    """A pattern for one of them; for none, one that matches nothing."""
    return f"(?:{'|'.join(map(re.escape, names)) or '(?!)'})"


def _local(system: System, prefix: Path) -> Gateway:
    conf = system.gateway.nginx or Path("gateway", "nginx.conf")
    return Gateway("local", prefix, prefix / conf.name, system.gateway.routes, shown=conf.parent.name)


def seconds(duration: str) -> float:
    """Compose's `1m30s` in seconds. Raises CheckFailed for what is no duration."""
    if not DURATION.fullmatch(duration):
        raise CheckFailed(f"{duration!r} is no duration of Compose")
    return sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\d+)(ms|s|m|h)", duration))


def _timeouts(system: System, gateways: Sequence[Gateway]) -> str:
    said = {one.name: _said(system, one, one.timeouts) for one in system.services if one.timeouts}
    graces = {f"compose ({one.name})": seconds(one.stop_grace or DOCKERS_GRACE) for one in system.parts}
    held = [timeouts.check(gateways[0].parsed(), said, {"local": timeouts.STOP_GRACE, **graces})]
    held += [timeouts.check_ways(one.parsed(), said) for one in gateways if any(one.parsed().inside("stream"))]
    return ", and in ".join(held)


def _documents(system: System, gateway: Gateway, said: Mapping[str, Said]) -> list[Check]:
    each = [Check(f"openapi ({name})", partial(_document, gateway, name, said[name])) for name in said]
    file = system.reference
    joined = [Check("openapi (joined)", partial(_joined, system, file, gateway, said))] if file and said else []
    return [*each, *joined]


def _document(gateway: Gateway, name: str, said: Said) -> str:
    return openapi.check(name, said.result(), routes.routes(gateway.parsed()))


def _joined(system: System, file: Path, gateway: Gateway, said: Mapping[str, Said]) -> str:
    documents = {name: one.result() for name, one in said.items()}
    return reference.check(_joined_document(system, documents, gateway.parsed()), file)


def _joined_document(system: System, said: Mapping[str, dict[str, Any]], configuration: Directive) -> dict[str, Any]:
    if not system.gateway.openapi:
        raise CheckFailed(f"{system.file.name} does not name the gateway's part of the API's document")
    own = yaml_text.parsed((system.root / system.gateway.openapi[0]).read_text(encoding="utf-8"))
    return reference.document(said, configuration, system.gateway.name, own)


def _together(checks: Sequence[Check]) -> list[CheckResult]:
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(Check.run, checks))

"""All checks of a tree: its gateway as Compose and the local stack run it, what its services say of themselves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from ops.checks import composition, gixy, openapi, reference, routes, services, timeouts
from ops.checks.configuration import Directive, parse
from ops.checks.results import Check, CheckFailed, CheckResult
from ops.errors import OpsError
from ops.gateway.nginx import STREAM, Nginx
from ops.gateway.rendering import render

Said: TypeAlias = Future[dict[str, Any]]

# Nothing listens there: a configuration must hold before any service exists.
NOWHERE = {name: ["127.0.0.1:9", "127.0.0.2:9"] for name in routes.SERVICES}

SKIPS = ("missing_resolver",)
"""The variable after `proxy_pass` is an `upstream` of addresses or sockets, which gixy takes for a name."""


@dataclass(frozen=True)
class Gateway:
    """A configuration to look at; nginx may write below `prefix`. It loads `module`, which not every machine has."""

    name: str
    prefix: Path
    conf: Path
    find: Callable[[], Nginx] = Nginx.find
    module: Path | None = None

    def checks(self) -> list[Check]:
        return [
            Check(f"nginx -t ({self.name})", self._nginx),
            Check(f"gixy ({self.name})", lambda: gixy.check(self.conf, SKIPS)),
            Check(f"crossplane ({self.name})", self._crossplane),
            Check(f"routes ({self.name})", lambda: routes.check(self.parsed())),
        ]

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
            nginx.test(self.prefix, str(self.conf))
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
        return CheckFailed(str(error).replace(f"{self.conf.parent}/", "gateway/"))


def run(root: Path) -> list[CheckResult]:
    """Every check of the tree at `root`, at the same time, none needing a running service. In a fixed order."""
    with _gateways(root) as gateways, ThreadPoolExecutor() as asking:
        local, compose = gateways
        said = {name: asking.submit(services.said, root, name, "openapi") for name in routes.SERVICES}
        checks = [check for gateway in gateways for check in gateway.checks()]
        checks.append(Check("timeouts", lambda: _timeouts(root, local, compose)))
        checks.extend(_documents(root, local, said))
        return _together(checks)


def run_gateway(prefix: Path, conf: str = "nginx.conf") -> list[CheckResult]:
    """The checks of one rendered gateway, which may be running with this prefix."""
    return _together(_local(prefix, prefix / conf).checks())


def api_document(root: Path) -> dict[str, Any]:
    """The OpenAPI document of the whole API, as the tree at `root` makes it. Raises CheckFailed."""
    said = {name: services.said(root, name, "openapi") for name in routes.SERVICES}
    return reference.document(said, parse(root / "gateway/nginx.conf"))


@contextmanager
def _gateways(root: Path) -> Iterator[tuple[Gateway, Gateway]]:
    """The local one is rendered; Compose's is the repository's own, so that a finding names the repository's file."""
    with TemporaryDirectory(prefix="gateproof-check-") as scratch:
        rendered, compose = Path(scratch, "local"), Path(scratch, "compose")
        compose.mkdir()
        render(rendered, listen="127.0.0.1:8080", upstreams=NOWHERE, source=root / "gateway")
        yield _local(rendered, rendered / "nginx.conf"), _compose(compose, root / "gateway/nginx.conf")


def _compose(prefix: Path, conf: Path) -> Gateway:
    return Gateway("compose", prefix, conf, module=STREAM)


def _local(prefix: Path, conf: Path) -> Gateway:
    return Gateway("local", prefix, conf)


def _timeouts(root: Path, local: Gateway, compose: Gateway) -> str:
    said = {name: services.said(root, name, "timeouts") for name in routes.SERVICES}
    stops = {"local": timeouts.STOP_GRACE, **composition.stop_graces(root / "docker-compose.yml")}
    held = timeouts.check(local.parsed(), said, stops), timeouts.check_ways(compose.parsed(), said)
    return ", and in ".join(held)


def _documents(root: Path, gateway: Gateway, said: Mapping[str, Said]) -> list[Check]:
    each = [Check(f"openapi ({name})", partial(_document, gateway, name, said[name])) for name in said]
    return [*each, Check("openapi (joined)", lambda: _joined(root, gateway, said))]


def _document(gateway: Gateway, name: str, said: Said) -> str:
    return openapi.check(name, said.result(), routes.routes(gateway.parsed()))


def _joined(root: Path, gateway: Gateway, said: Mapping[str, Said]) -> str:
    documents = {name: one.result() for name, one in said.items()}
    return reference.check(reference.document(documents, gateway.parsed()), root / reference.FILE)


def _together(checks: Sequence[Check]) -> list[CheckResult]:
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(Check.run, checks))

"""Each line of the configuration is there for a reason: take one away, and some test of this folder fails."""

import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ops.tests.gateway import (
    test_access_log,
    test_files,
    test_forwarding,
    test_limits,
    test_own_errors,
    test_request_ids,
    test_retries,
    test_routes,
)
from ops.tests.gateway.echo import Services
from ops.tests.gateway.running import Gateway, Refused, rendered, running

# The quickest first: most mutations are noticed before the last, which wait for timeouts.
MODULES = (
    test_files,
    test_request_ids,
    test_routes,
    test_forwarding,
    test_access_log,
    test_own_errors,
    test_retries,
    test_limits,
)
UNNOTICED = {
    "include stack/server.conf;": "nginx would listen on port 80",
    'default "";': "nginx's own default, said because gixy asks for it",
    "worker_processes 2;": "capacity",
    "worker_rlimit_nofile 4096;": "capacity",
    "worker_connections 1024;": "capacity",
    "keepalive_timeout 30s;": "capacity",
    "client_body_buffer_size 64k;": "speed: a body never goes to disk",
    "send_timeout 10s;": "only an answer larger than the sockets' buffers would show it",
    "default $time_iso8601;": "only where nginx was started in another time zone than UTC",
    "default internal-error;": "nginx breaks inside only where the machine does",
    'default "Internal Server Error";': "as above",
    'default "The gateway could not answer this request.";': "as above",
    "503 unavailable;": "nginx makes it only under limits that are not set here",
    'unavailable "Service Unavailable";': "as above",
    'unavailable "The service is not available now; try again shortly.";': "as above",
    "proxy_intercept_errors off;": "the default, said because `on` would replace the services' own problems",
    "proxy_next_upstream error timeout;": "the default, said because more would repeat what may have run",
}


@dataclass(frozen=True)
class Mutation:
    """One line gone from one file."""

    file: str
    number: int
    line: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number}: {self.line}"

    def apply(self, prefix: Path) -> None:
        lines = (prefix / self.file).read_text().splitlines(keepends=True)
        del lines[self.number - 1]
        (prefix / self.file).write_text("".join(lines))


def test_no_line_can_go_unnoticed(services: Services, tmp_path: Path) -> None:
    original = rendered(tmp_path / "original", services.upstreams)
    with ThreadPoolExecutor(6) as pool:
        results = pool.map(lambda mutation: (mutation, _noticed(mutation, services, tmp_path)), _mutations(original))
        unnoticed = [str(mutation) for mutation, by in results if by is None]
    assert not unnoticed, "\n".join(unnoticed)


def _mutations(original: Gateway) -> Iterator[Mutation]:
    for path in [original.prefix / "nginx.conf", *sorted((original.prefix / "includes").iterdir())]:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            directive = line.strip()
            if directive.endswith(";") and not directive.startswith("#") and directive not in UNNOTICED:
                yield Mutation(str(path.relative_to(original.prefix)), number, directive)


def _noticed(mutation: Mutation, services: Services, scratch: Path) -> str | None:
    """The name of the test that fails without this line."""
    mutant = rendered(scratch / f"{mutation.file.replace('/', '-')}-{mutation.number}", services.upstreams)
    mutation.apply(mutant.prefix)
    try:
        with running(mutant):
            return next((probe.__name__ for probe in _probes() if _fails(probe, mutant, services)), None)
    except Refused:
        return "nginx"


def _fails(probe: Callable[..., None], gateway: Gateway, services: Services) -> bool:
    known = {"gateway": gateway, "services": services}
    try:
        probe(**{name: known[name] for name in inspect.signature(probe).parameters})
    except Exception:  # noqa: BLE001 - whatever a test raises, it has noticed
        return True
    return False


def _probes() -> list[Callable[..., None]]:
    return [value for module in MODULES for name, value in vars(module).items() if name.startswith("test_")]

"""Each line of the configuration is there for a reason: take one away or weaken it, and some test here fails."""

import inspect
import itertools
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from ops.stacks import ports
from ops.tests.gateway import (
    test_access_log,
    test_docs,
    test_files,
    test_forwarding,
    test_limits,
    test_own_errors,
    test_request_ids,
    test_retries,
    test_routes,
    test_trace_context,
    test_waiting,
)
from ops.tests.gateway.echo import Services
from ops.tests.gateway.running import Absent, Gateway, Refused, rendered, running

pytestmark = pytest.mark.whole


Probe: TypeAlias = "partial[None]"
KNOWN = {"gateway", "services", "absent"}

# The quickest first: most mutations are noticed before the last, which wait for timeouts.
MODULES = (
    test_files,
    test_request_ids,
    test_trace_context,
    test_routes,
    test_forwarding,
    test_access_log,
    test_own_errors,
    test_docs,
    test_retries,
    test_limits,
)
ABOUT = {
    "nginx.conf": test_routes,
    "includes/access_log.conf": test_access_log,
    "includes/answer_headers.conf": test_own_errors,
    "includes/docs.conf": test_docs,
    "includes/limits.conf": test_limits,
    "includes/problems.conf": test_own_errors,
    "includes/proxy.conf": test_forwarding,
    "includes/trace.conf": test_trace_context,
}
WAITING = ("includes/absent.conf", "includes/wait.conf")
"""What only shows where a service is absent."""

UNNOTICED = {
    "include stack/server.conf;": "nginx would listen on port 80",
    'default "";': "nginx's own default, said because gixy asks for it",
    "worker_processes 2;": "capacity",
    "worker_rlimit_nofile 32768;": "capacity: one test of it, in test_limits, is too large to be done for each line",
    "worker_connections 16384;": "as above",
    "keepalive_timeout 30s;": "capacity",
    "client_body_buffer_size 64k;": "speed: a body never goes to disk",
    "limit_req zone=waiting burst=200 nodelay;": "only where the service is absent: a test of its own, in test_waiting",
    "limit_req_log_level info;": "the access log has each refusal",
    "limit_conn_log_level info;": "as above",
    "send_timeout 10s;": "only an answer larger than the sockets' buffers would show it",
    "default $time_iso8601;": "only where nginx was started in another time zone than UTC",
    "000 0;": "nginx ends a request without any status only where it is itself ended in the middle",
    "default internal-error;": "nginx breaks inside only where the machine does",
    'default "Internal error";': "as above",
    'default "The gateway could not answer this request.";': "as above",
    "503 unavailable;": "nginx makes it only under limits that are not set here",
    'unavailable "Unavailable";': "as above",
    'unavailable "The service is not available now; try again shortly.";': "as above",
    "open_file_cache max=16;": "speed",
    "proxy_intercept_errors off;": "the default, said because `on` would replace the services' own problems",
    "proxy_next_upstream error timeout;": "the default, said because more would repeat what may have run",
}
# What a hurried hand might write instead; the first is the plainest bug of all.
WEAKENED = (
    ("includes/absent.conf", "[0, :-]*", "[0-9, :-]*"),
    ("includes/proxy.conf", "proxy_http_version 1.1;", 'proxy_http_version 1.1; proxy_set_header Authorization "";'),
    ("includes/proxy.conf", "X-Request-ID $safe_request_id;", "X-Request-ID $http_x_request_id;"),
    ("includes/proxy.conf", "X-Forwarded-For $remote_addr;", "X-Forwarded-For $proxy_add_x_forwarded_for;"),
    ("includes/proxy.conf", "proxy_intercept_errors off;", "proxy_intercept_errors on;"),
    ("includes/proxy.conf", "error timeout;", "error timeout non_idempotent;"),
    ("includes/proxy.conf", "error timeout;", "error timeout http_503;"),
    ("includes/answer_headers.conf", "X-Request-ID $safe_request_id always;", "X-Request-ID $safe_request_id;"),
    ("includes/answer_headers.conf", "nosniff always;", "nosniff;"),
    ("includes/problem_answer.conf", "$problem_retry_after always;", "$problem_retry_after;"),
    ("includes/problem_answer.conf", "$problem_allow always;", "$problem_allow;"),
    ("includes/request_id.conf", "{7,63}$", "{7,63}"),
    ("includes/request_id.conf", "~^[A-Za-z0-9]", "~[A-Za-z0-9]"),
    ("includes/trace.conf", "(?!0{32})", ""),
    ("includes/trace.conf", "(?!0{16})", ""),
    ("includes/trace.conf", "[0-9a-f]{2}$", "[0-9a-f]{2}"),
    ("includes/access_log.conf", " escape=json", ""),
    ("includes/limits.conf", "$binary_remote_addr", "$http_x_forwarded_for"),
    ("includes/error_pages.conf", "494 =431 /problem;", "494 /problem;"),
    ("includes/docs.conf", "script-src 'self'", "script-src 'self' 'unsafe-inline'"),
    ("includes/docs.conf", "${uri}index.html =404", "/docs/index.html"),
    ("nginx.conf", "location = /users {", "location /users {"),
    ("nginx.conf", "proxy_pass $orders;", "proxy_pass $orders/;"),
    ("nginx.conf", "registration burst=20 nodelay", "registration"),
    ("nginx.conf", "login burst=20 nodelay", "login"),
)


@dataclass(frozen=True)
class Mutation:
    """Some text of one file gone, or replaced; `place` says which line."""

    file: str
    place: str
    old: str
    new: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.place}: {self.old} -> {self.new or 'gone'}"

    def apply(self, prefix: Path) -> None:
        lines = (prefix / self.file).read_text().splitlines(keepends=True)
        (prefix / self.file).write_text("".join(map(self._line, lines, range(1, len(lines) + 1))))

    def _line(self, line: str, number: int) -> str:
        return line.replace(self.old, self.new) if self.place in ("all", str(number)) else line


def test_no_line_can_go_unnoticed(services: Services, tmp_path: Path) -> None:
    (port,) = ports.free(1)
    present = Absent(rendered(tmp_path / "present", services.upstreams), port)
    absent = Absent(rendered(tmp_path / "absent", Absent.upstreams(port)), port)

    for original, file in ((present, "nginx.conf"), (absent, WAITING[0])):
        unchanged = _copied(original, tmp_path / secrets.token_hex(4))
        assert _noticed(Mutation(file, "0", "unused"), unchanged, services) is None, "a copy that is whole"

    def noticed(mutation: Mutation) -> tuple[Mutation, str | None]:
        mutant = _copied(absent if mutation.file in WAITING else present, tmp_path / secrets.token_hex(4))
        return mutation, _noticed(mutation, mutant, services)

    with ThreadPoolExecutor(6) as pool:
        unnoticed = [str(mutation) for mutation, by in pool.map(noticed, _mutations(present.gateway)) if by is None]
    assert not unnoticed, "\n".join(unnoticed)


def _copied(original: Absent, prefix: Path) -> Absent:
    """The same on ports of its own: to render it anew costs more than most tests of it."""
    listening, missing = ports.free(2)
    shutil.copytree(original.gateway.prefix, prefix, symlinks=True)
    for name, old, new in (("server", original.gateway.port, listening), ("http", original.port, missing)):
        conf = prefix / "stack" / f"{name}.conf"
        conf.write_text(conf.read_text().replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}"))
    return Absent(Gateway(prefix, listening), missing)


def _mutations(original: Gateway) -> Iterator[Mutation]:
    for path in [original.prefix / "nginx.conf", *sorted((original.prefix / "includes").iterdir())]:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            directive = line.strip()
            if directive.endswith(";") and not directive.startswith("#") and directive not in UNNOTICED:
                yield Mutation(str(path.relative_to(original.prefix)), str(number), directive)
    yield from (Mutation(file, "all", old, new) for file, old, new in WEAKENED)


def _noticed(mutation: Mutation, absent: Absent, services: Services) -> str | None:
    """The name of the test that fails without this line."""
    mutant = absent.gateway
    known = {"gateway": mutant, "services": services, "absent": absent}
    mutation.apply(mutant.prefix)
    try:
        with running(mutant):
            return next((probe.func.__name__ for probe in _probes(mutation.file) if _fails(probe, known)), None)
    except Refused:
        return "nginx"


def _fails(probe: Probe, known: Mapping[str, object]) -> bool:
    given = {name: known[name] for name in _needed(probe)}
    try:
        probe(**given)
    except Exception:  # noqa: BLE001 - whatever a test raises, it has noticed
        return True
    return False


def _probes(file: str) -> list[Probe]:
    """Those that are about this file come first."""
    modules = [test_waiting] if file in WAITING else sorted(MODULES, key=lambda module: module is not ABOUT.get(file))
    tests = [value for module in modules for name, value in vars(module).items() if name.startswith("test_")]
    tests += [test_routes.test_nothing_else_is_a_route] if file in WAITING else []
    return [probe for test in tests for probe in _rows(test) if set(_needed(probe)) <= KNOWN]


def _needed(probe: Probe) -> list[str]:
    """The fixtures it takes; one with others than ours runs a gateway of its own."""
    return [name for name in inspect.signature(probe.func).parameters if name not in probe.keywords]


def _rows(test: Callable[..., None]) -> Iterator[Probe]:
    """The test with each combination of what it is parametrized with."""
    marks = [mark.args for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    columns = [[(names, row) for row in rows] for names, rows in marks]
    for chosen in itertools.product(*columns):
        yield partial(test, **dict(pair for names, row in chosen for pair in _values(names, row)))


def _values(names: str | tuple[str, ...], row: Any) -> Iterable[tuple[str, object]]:
    return [(names, row)] if isinstance(names, str) else zip(names, row, strict=True)

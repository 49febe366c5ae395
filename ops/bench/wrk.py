"""wrk: a closed loop, in which each connection sends its next request when it has its answer."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from ops import debian
from ops.bench.load import Figures, Request
from ops.errors import OpsError, StackNotReady
from ops.progress import Progress

INSTALL = "install it with `apt-get install wrk` (Debian, Ubuntu) or `brew install wrk` (macOS)"
TIMEOUT = 8
"""Seconds after which wrk counts a request as timed out."""
_PATIENCE = 60.0
_REPORT = """
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "us": %d, "p50": %d, "p90": %d, "p99": %d, "longest": %d, "status": %d, "socket": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(90), latency:percentile(99),
    latency.max, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
"""


class WrkMissing(StackNotReady):
    """There is no wrk; the text says what to install."""


@dataclass(frozen=True)
class Wrk:
    """The program, and what it says of its version."""

    binary: str
    version: str

    @classmethod
    def find(cls, path: str | None = None) -> Wrk:
        """The one on PATH. Raises WrkMissing."""
        binary = shutil.which("wrk", path=path)
        if binary is None:
            raise WrkMissing(f"wrk is not installed: {INSTALL}")
        said = subprocess.run([binary, "-v"], capture_output=True, text=True, timeout=10).stdout  # noqa: S603  # wrk
        found = re.search(r"^wrk (\S+)", said)
        return cls(binary, found[1] if found else "unknown")

    def load(self, url: str, request: Request, connections: int, seconds: float) -> Figures:
        """One run over so many connections; wrk takes whole seconds. Raises OpsError when wrk does not work."""
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", suffix=".lua"
        ) as file:  # not an argument: anybody here may read those
            file.write(script(request))
            file.flush()
            options = ["-t1", f"-c{connections}", f"-d{round(seconds)}s", f"--timeout={TIMEOUT}s", "-s", file.name]
            done = subprocess.run(  # noqa: S603  # wrk
                [self.binary, *options, url + request.path],
                capture_output=True,
                text=True,
                timeout=seconds + _PATIENCE,
            )
        if done.returncode:
            raise OpsError(f"wrk ended with exit code {done.returncode}: {(done.stderr or done.stdout).strip()}")
        return figures(done.stdout)


def provide(progress: Progress) -> Wrk:
    """The wrk to use, installed if need be. Raises WrkMissing."""
    try:
        return Wrk.find()
    except WrkMissing:
        if not debian.may_install():
            raise
    progress.say("wrk is missing: installing Debian's package")
    if not debian.install("wrk"):
        raise WrkMissing(f"apt-get could not install wrk; {INSTALL}")
    return Wrk.find()


def script(request: Request) -> str:
    """The Lua that makes wrk send it and print its figures as one JSON object on the last line."""
    headers = [f"wrk.headers[{_quoted(name)}] = {_quoted(value)}" for name, value in request.headers.items()]
    body = [f"wrk.body = {_quoted(request.body)}"] if request.body else []
    return "\n".join([f"wrk.method = {_quoted(request.method)}", *headers, *body, _REPORT])


def figures(output: str) -> Figures:
    """Of what wrk printed with that script. An answer that is not 2xx, or a socket error, makes it void.

    Raises OpsError for any other text. (wrk itself counts 4xx and 5xx; what answers 3xx is found by asking once.)
    """
    try:
        found = json.loads(output.strip().rpartition("\n")[2])
        failed, broken = int(found["status"]), int(found["socket"])
        latency = {name: found[name] / 1000 for name in ("p50", "p90", "p99", "longest")}
        acknowledged, seconds = int(found["requests"]) - failed, found["us"] / 1e6
    except (ValueError, KeyError, TypeError) as error:
        raise OpsError(f"wrk said what cannot be read: {output.strip()[-500:]}") from error
    return Figures(seconds, acknowledged, failed + broken, **latency, void=_void(acknowledged, failed, broken))


def _void(acknowledged: int, failed: int, broken: int) -> str:
    counts = ((failed, "answers were not 2xx"), (broken, "socket errors or timeouts"))
    return ", ".join(f"{count} {words}" for count, words in counts if count) or (
        "" if acknowledged else "no answer came"
    )


def _quoted(text: str) -> str:
    """A Lua string of any bytes."""
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'

"""Services as real processes."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


@dataclass
class Running:
    """A service that listens; its log is what it wrote to standard output, and beside it lies its standard error."""

    process: subprocess.Popen[bytes]
    log: Path
    port: int = 0

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Those that were written by now; a line may wait for a moment."""
        time.sleep(0.05)
        whole, _, _ = self.log.read_text().rpartition("\n")
        lines = [json.loads(line) for line in whole.splitlines()]
        return [line for line in lines if line["event"] == event]

    def errors(self) -> str:
        return self.log.with_name("stderr").read_text()

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        return self.process.wait(20)


@contextmanager
def running(module: str, directory: Path, **environ: str) -> Iterator[Running]:
    """The service `module` on a free port, from the moment on that it listens, killed at the end."""
    log = directory / "log.jsonl"
    command = [sys.executable, "-m", module]
    with log.open("wb") as out, log.with_name("stderr").open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment(PORT="0", **environ))
    service = Running(process, log)
    try:
        service.port = _port(service)
        yield service
    finally:
        process.kill()
        process.wait()
        sys.stderr.write(service.errors())


def once(module: str, *arguments: str, stdin: bytes = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
    """A command of a service, run to its end."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=20, env=environment(**environ))


def environment(**environ: str) -> Mapping[str, str]:
    return {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environ}


def _port(service: Running) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and service.process.poll() is None:
        if listening := service.lines("listening"):
            return int(listening[0]["port"])
        time.sleep(0.02)
    raise AssertionError(f"not listening: {service.log.read_text()}")

"""The library's desk: it lends books that the catalog has. Its log is JSON with names of its own."""

import contextlib
import http.client
import json
import os
import socket
import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

STORE = urlsplit(os.environ["STORE"])


def log(message: str, request: str | None, **fields: object) -> None:
    """One line."""
    when = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"when": when, "severity": "info", "msg": message, "req": request, **fields}
    sys.stderr.write(f"{json.dumps(line)}\n")


def redis(*command: str) -> list[str]:
    """What Redis answers to one command, line by line."""
    sent = f"*{len(command)}\r\n" + "".join(f"${len(part)}\r\n{part}\r\n" for part in command)
    with socket.create_connection((STORE.hostname, STORE.port or 6379), timeout=1) as connection:
        connection.settimeout(1)
        connection.sendall(sent.encode())
        answer = connection.makefile("rb")
        first = answer.readline().decode().strip()
        if not first.startswith("*"):
            return [first]
        return [answer.readline().decode().strip() for _ in range(2 * int(first[1:]))][1::2]


def keep(book: str) -> None:
    """Write a loan down. Raises OSError."""
    if STORE.scheme == "redis":
        redis("SADD", "loans", book)
    else:
        Path(STORE.path).write_text(json.dumps(sorted({*kept(), book})))


def kept() -> list[str]:
    """All loans. Raises OSError."""
    if STORE.scheme == "redis":
        return redis("SMEMBERS", "loans")
    return list(json.loads(Path(STORE.path).read_text())) if Path(STORE.path).exists() else []


class Handler(BaseHTTPRequestHandler):
    """GET /health and /loans, POST /loans with `{"book": id}`."""

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer(200, {"status": "ok"})
            return
        try:
            self.answer(200, {"loans": sorted(kept())})
        except OSError as broken:
            self.answer(503, {"error": f"the store: {broken}"})

    def do_POST(self) -> None:
        book = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))["book"]
        try:
            status = self.found(book)
            if status == 200:
                keep(book)
                self.answer(201, {"book": book})
            else:
                self.answer(404 if status == 404 else 502, {"error": f"the catalog answers {status}"})
        except (OSError, http.client.HTTPException) as broken:
            self.answer(503, {"error": str(broken) or type(broken).__name__})

    def found(self, book: str) -> int:
        """What the catalog answers."""
        connection = http.client.HTTPConnection(os.environ["CATALOG"], timeout=1)
        connection.request("GET", f"/books/{book}", headers={"X-Request-ID": self.headers.get("X-Request-ID", "")})
        status = connection.getresponse().status
        connection.close()
        log("asked the catalog", self.headers.get("X-Request-ID"), status=status)
        return status

    def answer(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        log("answered", self.headers.get("X-Request-ID"), path=self.path, status=status)

    def log_message(self, format: str, *args: object) -> None:
        """Its own lines say it."""


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        ThreadingHTTPServer(("", int(os.environ.get("PORT", "7000"))), Handler).serve_forever()

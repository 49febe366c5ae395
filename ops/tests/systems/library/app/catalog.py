"""The library's books. Its log is plain text."""

import contextlib
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BOOKS = {"emma": "Emma", "dune": "Dune", "momo": "Momo"}


class Handler(BaseHTTPRequestHandler):
    """GET /health, /books and /books/<id>."""

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer(200, {"status": "ok"})
        elif self.path == "/books":
            self.answer(200, {"books": sorted(BOOKS)})
        elif (book := self.path.removeprefix("/books/")) in BOOKS:
            self.answer(200, {"id": book, "title": BOOKS[book]})
        else:
            self.answer(404, {"error": "no such book"})

    def answer(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        ThreadingHTTPServer(("", int(os.environ.get("PORT", "5000"))), Handler).serve_forever()

"""`python -m ops.tests.bench.other SERVICE`: services by somebody else, in a process and a child of it."""

from __future__ import annotations

import http.server
import os
import sys

STATUSES = {"/readyz": 200, "/livez": 200, "/users/me": 401, "/products": 200, "/orders": 401}
"""What the stack asks for before it is ready."""


class Other(http.server.BaseHTTPRequestHandler):
    """Says which service it is."""

    def do_GET(self) -> None:
        body = b'{"service": "%s"}' % sys.argv[1].encode()
        self.send_response(STATUSES.get(self.path.partition("?")[0], 404))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Other)
    if os.fork():
        os.wait()
    else:
        server.serve_forever()

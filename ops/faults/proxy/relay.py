"""From standard input to the control socket and back: `docker exec -i … python -m ops.faults.proxy.relay`.

A line `[METHOD, PATH, ORDER]` is one request, and a line `[STATUS, ANSWER]` its answer, both JSON. Each process that
sets faults has one in the proxy's container, so it imports little.
"""

import http.client
import json
import socket
import sys
from typing import Final

CONTROL: Final = "/run/control.sock"


class _Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(CONTROL)


def main() -> None:
    for line in sys.stdin:
        method, path, order = json.loads(line)
        connection = _Connection("localhost")
        connection.request(method, path, None if order is None else json.dumps(order))
        reply = connection.getresponse()
        sys.stdout.write(json.dumps([reply.status, json.loads(reply.read())]) + "\n")
        sys.stdout.flush()
        connection.close()


if __name__ == "__main__":
    main()

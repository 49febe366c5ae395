"""How a service's answer leaves: whole, or in trouble as the query asks: garbled=1, cut=5, drip=head, drip=body."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

NO_HTTP = b"\x15\x03 this is no HTTP \xff\r\n\r\n"
PIECES = 8

Query: TypeAlias = Mapping[str, Sequence[str]]


def deliver(send: Callable[[bytes], object], head: bytes, body: bytes, wanted: Query) -> bool:
    """Whether the connection may carry another answer. `cut`: bytes of the body that leave; `every`: seconds."""
    if "drip" in wanted:
        slow, rest = (head, body) if wanted["drip"] == ["head"] else (body, b"")
        send(b"" if rest else head)
        for piece in _pieces(slow):
            time.sleep(float(wanted["every"][0]))
            send(piece)
        send(rest)
        return True
    if "garbled" in wanted:
        send(NO_HTTP)
    elif "cut" in wanted:
        send(head + body[: int(wanted["cut"][0])])
    else:
        send(head + body)
        return True
    return False


def chunked(body: bytes) -> bytes:
    """The body in one chunk."""
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def _pieces(data: bytes) -> Iterator[bytes]:
    size = -(-len(data) // PIECES)
    return (data[start : start + size] for start in range(0, len(data), size))

"""Where HTTP messages begin and end in a stream of bytes, read by h11 and left as they are.

The proxy passes on the very bytes that it received; what h11 cannot read it passes on too, until the connection ends.
"""

from typing import Final, Generic, TypeVar

import h11

_LONGEST_HEAD: Final = 262_144

Head = TypeVar("Head", h11.Request, h11.Response)


class Frame(Generic[Head]):
    """One message as its bytes come in.

    `head` is None until it is whole; `complete` says that the message is over; `readable` turns False for good when the
    bytes are not HTTP/1. `heading` counts the bytes of the last piece that belong to the head. `content` takes in the
    body without its chunks, unless it is None.
    """

    def __init__(self, parser: h11.Connection, head: type[Head]) -> None:
        self._parser = parser
        self._kind: type[Head] = head
        self.head: Head | None = None
        self.complete = False
        self.readable = True
        self.heading = 0
        self.content: bytearray | None = None

    def feed(self, data: bytes) -> bytes:
        """Take in what was received, b"" at the end of the stream; returns what lies beyond the end of the message."""
        self.heading = 0 if self.head or not self.readable else len(data)
        if not self.readable:
            return b""
        try:
            self._parser.receive_data(data)
            return self._advance()
        except h11.RemoteProtocolError:
            self.readable, self.heading = False, 0
            return b""

    @property
    def reusable(self) -> bool:
        """Whether both ends may keep the connection for another message after this one."""
        return self.complete and self._parser.their_state is h11.DONE

    @property
    def expects_continue(self) -> bool:
        return self._parser.they_are_waiting_for_100_continue

    def _advance(self) -> bytes:
        while not self.complete:
            event = self._parser.next_event()
            if event in (h11.NEED_DATA, h11.PAUSED):
                return b""
            if isinstance(event, self._kind):
                self.head = event
                self.heading -= len(self._parser.trailing_data[0])
            if isinstance(event, h11.Data) and self.content is not None:
                self.content += event.data
            self.complete = isinstance(event, h11.EndOfMessage | h11.ConnectionClosed)
        return self._parser.trailing_data[0]


def request_frame() -> Frame[h11.Request]:
    return Frame(h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST_HEAD), h11.Request)


def response_frame(method: bytes) -> Frame[h11.Response]:
    """A frame for the answer to a request of this method: whether an answer has a body depends on it."""
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
    parser.send(h11.Request(method=method, target="/", headers=[("Host", "any")]))
    parser.send(h11.EndOfMessage())
    return Frame(parser, h11.Response)

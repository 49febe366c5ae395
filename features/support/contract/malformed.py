"""Requests that no honest client sends, byte for byte, by the words in which examples name them."""

from collections.abc import Callable
from dataclasses import dataclass

JSON = b"application/json"
OVERLONG = b"a" * 20_000


@dataclass(frozen=True)
class Letterhead:
    """What an otherwise proper request bears: where it goes, whose token, which request ID."""

    host: str
    token: str
    request_id: str

    def request(self, line: bytes, *headers: bytes, body: bytes = b"", host: bool = True) -> bytes:
        """A request line, the usual headers, further ones, and a body whose length nobody tells unless `headers` do."""
        usual = [b"Host: " + self.host.encode()] if host else []
        usual += [b"Connection: close", b"X-Request-ID: " + self.request_id.encode()]
        return b"\r\n".join([line, *usual, *headers, b"", body])

    def get(self, *headers: bytes, host: bool = True) -> bytes:
        """A request for the catalogue."""
        return self.request(b"GET /products HTTP/1.1", *headers, host=host)

    def post(self, path: bytes, body: bytes, *headers: bytes, media: bytes | None = JSON) -> bytes:
        """A request with a body and the customer's token."""
        typed = [b"Content-Type: " + media] if media else []
        length = b"Content-Length: %d" % len(body)
        bearer = b"Authorization: Bearer " + self.token.encode()
        return self.request(b"POST " + path + b" HTTP/1.1", bearer, length, *typed, *headers, body=body)

    def order(self, body: bytes, *headers: bytes, media: bytes | None = JSON) -> bytes:
        """A request to order."""
        return self.post(b"/orders", body, *headers, media=media)


Sheet = Callable[[Letterhead], bytes]
PROPER = b'{"productId": "espresso-cup"}'


def _order(body: bytes, *headers: bytes, media: bytes | None = JSON) -> Sheet:
    return lambda letterhead: letterhead.order(body, *headers, media=media)


def _line(line: bytes) -> Sheet:
    return lambda letterhead: letterhead.request(line)


def _get(*headers: bytes, host: bool = True) -> Sheet:
    return lambda letterhead: letterhead.get(*headers, host=host)


BODIES: dict[str, Sheet] = {
    "an order of no bytes": _order(b""),
    "an order cut off in the middle": _order(PROPER[:-3]),
    "an order in plain words": _order(b"an espresso cup, please"),
    "an order in single quotes": _order(PROPER.replace(b'"', b"'")),
    "an order with a comma too many": _order(PROPER.replace(b"}", b",}")),
    "an order of two documents": _order(PROPER + PROPER),
    "an order for NaN": _order(b'{"productId": NaN}'),
    "an order for Infinity": _order(b'{"productId": -Infinity}'),
    "an order nested 30,000 deep": _order(b'{"productId": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
    "an order with a lone surrogate": _order(rb'{"productId": "\ud800"}'),
    "an order in broken UTF-8": _order(b'{"productId": "\xff\xfe"}'),
    "an order in UTF-16": _order(PROPER.decode().encode("utf-16")),
    "an order of zero bytes": _order(bytes(30)),
    "an order that is null": _order(b"null"),
    "an order that is a list": _order(b"[" + PROPER + b"]"),
    "an order that is a string": _order(b'"espresso-cup"'),
    "an order that is an empty object": _order(b"{}"),
    "an order for a number of 1,000 digits": _order(b'{"productId": ' + b"9" * 1_000 + b"}"),
    "an order for a product with a zero byte": _order(rb'{"productId": "cup\u0000"}'),
    "an order for a product of 60,000 characters": _order(b'{"productId": "' + b"a" * 60_000 + b'"}'),
    "an order with 1,000 fields too many": _order(
        b'{"productId": "espresso-cup"' + b"".join(b', "f%d": 1' % number for number in range(1_000)) + b"}"
    ),
    "an order under no key": _order(PROPER, b"Idempotency-Key: "),
    "an order under a key of 300 characters": _order(PROPER, b"Idempotency-Key: " + b"k" * 300),
    "an order with a cookie of 16,000 bytes": _order(PROPER, b"Cookie: c=" + b"c" * 16_000),
    "an order as plain text": _order(PROPER, media=b"text/plain"),
    "an order as a form": _order(b"productId=espresso-cup", media=b"application/x-www-form-urlencoded"),
    "an order as XML": _order(b"<productId>espresso-cup</productId>", media=b"application/xml"),
    "an order of no media type": _order(PROPER, media=None),
    "a registration with a zero byte": lambda letterhead: letterhead.post(
        b"/users/register", rb'{"email": "a\u0000@customers.test", "password": "long enough"}'
    ),
    "a registration with an object for a name": lambda letterhead: letterhead.post(
        b"/users/register", b'{"email": "a@customers.test", "password": "long enough", "name": {"$gt": ""}}'
    ),
    "a sign-in with a list for a password": lambda letterhead: letterhead.post(
        b"/users/login", b'{"email": "a@customers.test", "password": ["long enough"]}'
    ),
}
LINES: dict[str, Sheet] = {
    "two Hosts": _get(b"Host: another.test"),
    "no Host": _get(host=False),
    "a Host with a slash": _get(b"Host: a/b", host=False),
    "two lengths": _order(PROPER, b"Content-Length: 3"),
    "a negative length": _line(b"POST /orders HTTP/1.1\r\nContent-Length: -1"),
    "a length in words": _line(b"POST /orders HTTP/1.1\r\nContent-Length: many"),
    "a length and chunks": _order(PROPER, b"Transfer-Encoding: chunked"),
    "a chunk of no size": _line(b"POST /users/login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "a zero byte in a header": _get(b"X-Note: a\0b"),
    "a space in a header's name": _get(b"X Note: a"),
    "a zero byte in the path": _line(b"GET /products/\0 HTTP/1.1"),
    "a path that begins with no slash": _line(b"GET products HTTP/1.1"),
    "a path that leaves the root": _line(b"GET /../../etc/passwd HTTP/1.1"),
    "a broken percent sign": _line(b"GET /products/%zz HTTP/1.1"),
    "a method in small letters": _line(b"get /products HTTP/1.1"),
    "a method that is no token": _line(b"G@T /products HTTP/1.1"),
    "a method that nobody knows": _line(b"BREW /products HTTP/1.1"),
    "a greeting of another protocol": lambda _: (
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(32) + b"\r\n\r\n"
    ),
    "a header of 20,000 bytes": _get(b"X-Note: " + OVERLONG),
    "a request line of 20,000 bytes": _line(b"GET /products/" + OVERLONG + b" HTTP/1.1"),
    "a CONNECT request": _line(b"CONNECT elsewhere.test:443 HTTP/1.1"),
    "a TRACE request": _line(b"TRACE /products HTTP/1.1"),
    "HTTP version 9.9": _line(b"GET /products HTTP/9.9"),
    "an unknown Transfer-Encoding": _line(b"POST /users/login HTTP/1.1\r\nTransfer-Encoding: telegram"),
    "a head without an end": lambda letterhead: letterhead.get()[: -len(b"\r\n")],
    "a body without an end": _line(
        b"POST /users/login HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100"
    ),
    "two Authorization headers": lambda letterhead: letterhead.request(
        b"GET /orders HTTP/1.1",
        b"Authorization: Bearer " + letterhead.token.encode(),
        b"Authorization: Bearer " + letterhead.token.encode(),
    ),
}
SHEETS = BODIES | LINES

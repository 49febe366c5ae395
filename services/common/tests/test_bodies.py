"""What callers send: 40 malformed bodies and more, each refused with the right problem."""

from typing import Annotated

import pytest
from pydantic import Field
from typing_extensions import TypedDict

from services.common.tests.wsgi import Reply, call
from services.common.web.app import Answer, App, ok
from services.common.web.bodies import LARGEST_BODY, RequestSchema
from services.common.web.paging import PageQuery, cut


class Part(RequestSchema):
    part_name: str
    size: int = 0


class Parcel(RequestSchema):
    shelf_id: Annotated[str, Field(min_length=1, max_length=10)]
    count: Annotated[int, Field(ge=1, le=100)] = 1
    parts: list[Part] = []
    weight: float | None = None
    fragile: bool = False


class Shown(TypedDict):
    limit: int
    after: str | None


@pytest.fixture
def app() -> App:
    app = App("stock")

    @app.post("/parcels", auth=False, takes=Parcel, answers={200: Shown})
    def take(body: Parcel) -> Answer:
        return ok(body.model_dump(by_alias=True))

    @app.get("/parcels", auth=False, query=PageQuery, answers={200: Shown})
    def show(query: PageQuery) -> Answer:
        return ok(Shown(limit=query.limit, after=query.after))

    return app


def send(app: App, raw: bytes, media_type: str = "application/json") -> Reply:
    return call(app, "POST", "/parcels", raw=raw, headers={"Content-Type": media_type})


MALFORMED = {
    "nothing": b"",
    "a space": b" ",
    "half an object": b'{"shelfId": "A1"',
    "half a string": b'{"shelfId": "A1',
    "a trailing comma": b'{"shelfId": "A1",}',
    "two values": b'{"shelfId": "A1"} {}',
    "single quotes": b"{'shelfId': 'A1'}",
    "a bare word": b"shelf",
    "a comment": b'{"shelfId": "A1"} // yes',
    "NaN": b'{"shelfId": "A1", "weight": NaN}',
    "Infinity": b'{"shelfId": "A1", "weight": Infinity}',
    "minus Infinity": b'{"shelfId": "A1", "weight": -Infinity}',
    "a lone surrogate": b'{"shelfId": "\\ud800"}',
    "a lone low surrogate": b'{"shelfId": "\\udc00x"}',
    "not UTF-8": b'{"shelfId": "\xff\xfe"}',
    "UTF-16": '{"shelfId": "A1"}'.encode("utf-16"),
    "overlong UTF-8": b'{"shelfId": "\xc0\x80"}',
    "a raw control character": b'{"shelfId": "A\x01"}',
    "a raw newline in a string": b'{"shelfId": "A\n"}',
    "a bad escape": b'{"shelfId": "\\x41"}',
    "a leading zero": b'{"shelfId": "A1", "count": 01}',
    "a plus sign": b'{"shelfId": "A1", "count": +1}',
    "a number of 5,000 digits": b'{"shelfId": "A1", "count": ' + b"9" * 5000 + b"}",
    "100,000 open brackets": b"[" * 100_000,
    "10,000 nested objects": b'{"a":' * 10_000,
    "a form": b"shelfId=A1&count=1",
    "XML": b"<shelfId>A1</shelfId>",
}

INVALID: dict[str, tuple[bytes, list[str]]] = {
    "null": (b"null", [""]),
    "a list": (b"[]", [""]),
    "a string": (b'"A1"', [""]),
    "a number": (b"1", [""]),
    "nothing in it": (b"{}", ["/shelfId"]),
    "another case": (b'{"shelf_id": "A1"}', ["/shelfId", "/shelf_id"]),
    "an unknown member": (b'{"shelfId": "A1", "color": "red"}', ["/color"]),
    "a number for a string": (b'{"shelfId": 1}', ["/shelfId"]),
    "null for a string": (b'{"shelfId": null}', ["/shelfId"]),
    "a list for a string": (b'{"shelfId": ["A1"]}', ["/shelfId"]),
    "empty": (b'{"shelfId": ""}', ["/shelfId"]),
    "too long": (b'{"shelfId": "ABCDEFGHIJK"}', ["/shelfId"]),
    "an escaped NUL": (b'{"shelfId": "A\\u0000"}', ["/shelfId"]),
    "an escaped newline": (b'{"shelfId": "A\\n"}', ["/shelfId"]),
    "a C1 control": (b'{"shelfId": "A\\u0085"}', ["/shelfId"]),
    "a string for a number": (b'{"shelfId": "A1", "count": "1"}', ["/count"]),
    "a fraction for a whole number": (b'{"shelfId": "A1", "count": 1.5}', ["/count"]),
    "true for a number": (b'{"shelfId": "A1", "count": true}', ["/count"]),
    "one for true": (b'{"shelfId": "A1", "fragile": 1}', ["/fragile"]),
    "too small": (b'{"shelfId": "A1", "count": 0}', ["/count"]),
    "more than 63 bits": (b'{"shelfId": "A1", "count": 9223372036854775808}', ["/count"]),
    "deep inside": (b'{"shelfId": "A1", "parts": [{"partName": "a"}, {"partName": 1}]}', ["/parts/1/partName"]),
    "a slash in a name": (b'{"shelfId": "A1", "a/b~c": 1}', ["/a~1b~0c"]),
    "all at once": (b'{"count": 0, "fragile": "no", "z": 1}', ["/shelfId", "/count", "/fragile", "/z"]),
}


def test_a_good_body_arrives_as_the_model(app: App) -> None:
    reply = send(app, '{"shelfId": "Ä1", "parts": [{"partName": "a"}]}'.encode(), "application/json; charset=UTF-8")
    assert reply.status == 200
    assert reply.json["parts"] == [{"partName": "a", "size": 0}] and reply.json["shelfId"] == "Ä1"


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_json_is_malformed(app: App, raw: bytes) -> None:
    reply = send(app, raw)
    assert (reply.status, reply.code) == (400, "malformed-body")


@pytest.mark.parametrize(("raw", "pointers"), INVALID.values(), ids=INVALID)
def test_what_is_not_valid_is_named_member_by_member(app: App, raw: bytes, pointers: list[str]) -> None:
    reply = send(app, raw)
    assert (reply.status, reply.code) == (422, "validation-failed")
    assert sorted(reply.pointers) == sorted(pointers)
    assert all(wrong["message"] for wrong in reply.json["errors"])


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/json; charset=utf-16"],
)
def test_only_json_is_read(app: App, media_type: str) -> None:
    reply = send(app, b'{"shelfId": "A1"}', media_type)
    assert (reply.status, reply.code) == (415, "unsupported-media-type")


@pytest.mark.parametrize(("size", "status"), [(LARGEST_BODY, 400), (LARGEST_BODY + 1, 413), (10 * LARGEST_BODY, 413)])
def test_a_large_body_is_not_read(app: App, size: int, status: int) -> None:
    assert send(app, b" " * size).status == status


def test_thousands_of_faults_are_cut_to_a_hundred(app: App) -> None:
    members = b",".join(b'"%d": 1' % number for number in range(5000))
    assert len(send(app, b"{" + members + b"}").pointers) == 100


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", (20, None)),
        ("?limit=1", (1, None)),
        ("?limit=100&after=a-b", (100, "a-b")),
        ("?after=%C3%A4", (20, "ä")),
        ("?unknown=1&unknown=2", (20, None)),
    ],
)
def test_a_query_arrives_as_the_model(app: App, query: str, shown: tuple[int, str | None]) -> None:
    reply = call(app, "GET", f"/parcels{query}")
    assert reply.json == {"limit": shown[0], "after": shown[1]}


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("limit=0", ["/limit"]),
        ("limit=101", ["/limit"]),
        ("limit=-1", ["/limit"]),
        ("limit=", ["/limit"]),
        ("limit=x", ["/limit"]),
        ("limit=1.0", ["/limit"]),
        ("limit=1_0", ["/limit"]),
        ("limit=+5", ["/limit"]),
        ("limit=%D9%A1", ["/limit"]),
        ("limit=99999999999999999999", ["/limit"]),
        ("limit=1&limit=2", ["/limit"]),
        ("after=", ["/after"]),
        ("after=" + "x" * 65, ["/after"]),
        ("after=a%00b", ["/after"]),
        ("after=%0A", ["/after"]),
        ("limit=0&after=", ["/after", "/limit"]),
        ("after=%FF", [""]),
        ("%FF=1", [""]),
        ("&".join(f"q{number}=1" for number in range(101)), [""]),
    ],
)
def test_a_query_that_is_not_valid_is_named(app: App, query: str, pointers: list[str]) -> None:
    reply = call(app, "GET", f"/parcels?{query}")
    assert (reply.status, reply.code) == (422, "validation-failed")
    assert sorted(reply.pointers) == pointers


def test_a_page_and_the_key_of_the_next() -> None:
    assert cut(["a", "b", "c"], 2, str.upper) == (["a", "b"], "B")
    assert cut(["a", "b"], 2, str.upper) == (["a", "b"], None)
    assert cut([], 2, str.upper) == ([], None)

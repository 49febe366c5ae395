"""Products as a whole: the application on a real database, then as a process."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openapi_spec_validator import validate

from services.common.auth.keys import OwnKeys, pem
from services.common.auth.tokens import Issuer
from services.common.errors import SettingsError
from services.common.tests.processes import once, running
from services.common.tests.sockets import Server, answer, sends, serving
from services.common.tests.wsgi import Reply, call
from services.common.web.app import App
from services.products import app as composition
from services.products.app import PACKAGED, ProductsSettings
from services.products.store import LOOKED_AT

SERVICE = "services.products"
CUP = {"id": "glass-cup", "name": "Glass cup", "price": {"amount": 990, "currency": "EUR"}}
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def own() -> OwnKeys:
    return OwnKeys(pem(Ed25519PrivateKey.generate()))


@pytest.fixture
def issuer(own: OwnKeys) -> Issuer:
    return Issuer(lambda: own, "gateproof", "gateproof")


@pytest.fixture
def users(own: OwnKeys) -> Iterator[Server]:
    """A users service that publishes its keys once."""
    with serving(sends(answer(200, json.dumps(own.document()).encode()))) as server:
        yield server


@contextmanager
def built(database_url: str, users_url: str, **more: Any) -> Iterator[App]:
    """The application as it serves, and closed in the end."""
    with closing(
        composition.build(ProductsSettings(database_url=database_url, port=0, users_url=users_url, **more))
    ) as app:
        app.start()
        yield app


@pytest.fixture
def products(sqlite_url: str, users: Server) -> Iterator[App]:
    with built(sqlite_url, users.url) as app:
        yield app


@pytest.fixture
def admin(issuer: Issuer) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.mint('a-1', 'admin')}"}


@pytest.fixture
def customer(issuer: Issuer) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.mint('a-2', 'customer')}"}


def names(reply: Reply) -> list[str]:
    return [item["id"] for item in reply.json["items"]]


def test_the_first_start_fills_the_catalogue(products: App) -> None:
    reply = call(products, "GET", "/products?limit=100")
    assert reply.status == 200 and reply.json["next"] is None
    assert len(reply.json["items"]) >= 24 and names(reply) == sorted(names(reply))
    assert set(reply.json["items"][0]) == {"id", "name", "price"}


def test_a_later_start_leaves_it_alone(products: App, sqlite_url: str, admin: dict[str, str]) -> None:
    call(products, "PATCH", "/products/espresso-cup", {"name": "Renamed"}, headers=admin)
    with built(sqlite_url, NOBODY) as again:
        assert call(again, "GET", "/products/espresso-cup").json["name"] == "Renamed"


def test_an_operator_may_replace_the_file(tmp_path: Path, sqlite_url: str) -> None:
    file = tmp_path / "own.csv"
    file.write_text("\ufeffid,name,amount,currency\nown,Own,1,EUR\n", encoding="utf-8")
    with built(sqlite_url, NOBODY, catalogue_file=file) as products:
        assert names(call(products, "GET", "/products")) == ["own"]


def test_a_shop_does_not_open_with_a_file_that_has_a_bad_row(tmp_path: Path, sqlite_url: str) -> None:
    file = tmp_path / "own.csv"
    file.write_text("id,name,amount,currency\nown,Own,1,EUR\nBAD,Bad,1,EUR\n", encoding="utf-8")
    refused = pytest.raises(SettingsError, match="CATALOGUE_FILE: line 3: id must be")
    with refused, built(sqlite_url, NOBODY, catalogue_file=file):
        pass


def test_pages_lead_through_the_whole_catalogue(products: App) -> None:
    seen: list[str] = []
    path = "/products?limit=7"
    while path:
        page = call(products, "GET", path)
        seen += names(page)
        path = f"/products?limit=7&after={page.json['next']}" if page.json["next"] else ""
    assert seen == names(call(products, "GET", "/products?limit=100"))


def test_twenty_are_shown_unless_asked_otherwise(products: App) -> None:
    assert len(names(call(products, "GET", "/products"))) == 20


def test_searching(products: App) -> None:
    assert names(call(products, "GET", "/products?q=ESPRESSO")) == ["espresso-cup", "espresso-machine"]
    assert call(products, "GET", "/products?q=%25").json == {"items": [], "next": None}


def test_a_page_of_a_search_may_be_empty_and_yet_have_a_next(tmp_path: Path, sqlite_url: str) -> None:
    file = tmp_path / "large.csv"
    rows = "".join(f"p-{number:04},Thing {number},1,EUR\n" for number in range(LOOKED_AT + 3))
    file.write_text(f"id,name,amount,currency\n{rows}")
    with built(sqlite_url, NOBODY, catalogue_file=file) as products:
        first = call(products, "GET", f"/products?limit=2&q=p-{LOOKED_AT}")
        assert first.json == {"items": [], "next": f"p-{LOOKED_AT - 1:04}"}
        second = call(products, "GET", f"/products?limit=2&q=p-{LOOKED_AT}&after={first.json['next']}")
        assert (names(second), second.json["next"]) == ([f"p-{LOOKED_AT}"], None)


def test_one_product(products: App) -> None:
    reply = call(products, "GET", "/products/espresso-cup")
    price = {"amount": 1250, "currency": "EUR"}
    assert reply.json == {"id": "espresso-cup", "name": "Espresso cup", "price": price}


@pytest.mark.parametrize(
    "product_id", ["nope", "Espresso-cup", "a" * 65, "a%00b", "a%20b", "%C3%A4", "..%5Cetc", "a'--"]
)
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_an_unknown_or_impossible_id_is_not_found(
    products: App, admin: dict[str, str], method: str, product_id: str
) -> None:
    body = {"name": "Cup"} if method == "PATCH" else None
    reply = call(products, method, f"/products/{product_id}", body, headers=admin)
    assert (reply.status, reply.code) == (404, "product-not-found")


def test_an_admin_adds_a_product(products: App, admin: dict[str, str]) -> None:
    reply = call(products, "POST", "/products", CUP, headers=admin)
    assert (reply.status, reply.json, reply.header("Location")) == (201, CUP, "/products/glass-cup")
    assert call(products, "GET", "/products/glass-cup").json == CUP
    again = call(products, "POST", "/products", CUP, headers=admin)
    assert (again.status, again.code) == (409, "product-exists")


@pytest.mark.parametrize(
    "change",
    [{"name": "Renamed"}, {"price": {"amount": 0, "currency": "JPY"}}, {"name": "Both", "price": CUP["price"]}],
)
def test_an_admin_changes_name_price_or_both(products: App, admin: dict[str, str], change: dict[str, Any]) -> None:
    before = call(products, "GET", "/products/espresso-cup").json
    reply = call(products, "PATCH", "/products/espresso-cup", change, headers=admin)
    assert (reply.status, reply.json) == (200, {**before, **change})


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({}, [""]),
        ({"name": None}, ["/name"]),
        ({"price": None}, ["/price"]),
        ({"name": ""}, ["/name"]),
        ({"id": "other"}, ["/id"]),
        ({"price": {}}, ["/price/amount", "/price/currency"]),
        ({"price": {"amount": -1, "currency": "eur"}}, ["/price/amount", "/price/currency"]),
        ({"price": {"amount": 12.5, "currency": "EUR"}}, ["/price/amount"]),
        ({"price": {"amount": 10**12 + 1, "currency": "EUR"}}, ["/price/amount"]),
        ({"price": {"amount": 2**63, "currency": "EUR"}}, ["/price/amount"]),
        ({"price": {"amount": True, "currency": "EUR"}}, ["/price/amount"]),
        ({"price": {"amount": "1", "currency": "EUR"}}, ["/price/amount"]),
    ],
)
def test_a_change_that_is_not_valid_is_refused(
    products: App, admin: dict[str, str], change: dict[str, Any], pointers: list[str]
) -> None:
    reply = call(products, "PATCH", "/products/espresso-cup", change, headers=admin)
    assert (reply.status, reply.pointers) == (422, pointers)


@pytest.mark.parametrize("product_id", ["", "Cup", "a b", "a/b", "a" * 65, "ä", "cup\n"])
def test_a_new_product_needs_a_slug(products: App, admin: dict[str, str], product_id: str) -> None:
    reply = call(products, "POST", "/products", {**CUP, "id": product_id}, headers=admin)
    assert reply.status == 422 and set(reply.pointers) == {"/id"}


@pytest.mark.parametrize(("method", "path"), [("POST", "/products"), ("PATCH", "/products/espresso-cup")])
def test_customers_and_strangers_change_nothing(
    products: App, customer: dict[str, str], method: str, path: str
) -> None:
    allowed = call(products, method, path, CUP, headers=customer)
    assert (allowed.status, allowed.code) == (403, "forbidden")
    assert call(products, method, path, CUP).status == 401
    assert call(products, "GET", "/products/glass-cup").status == 404


def test_without_keys_to_verify_with_it_is_never_401(sqlite_url: str, admin: dict[str, str]) -> None:
    with built(sqlite_url, NOBODY) as products:
        reply = call(products, "POST", "/products", CUP, headers=admin)
        assert (reply.status, reply.code, reply.header("Retry-After")) == (503, "users-unavailable", "1")
        assert call(products, "POST", "/products", CUP).status == 401
        assert call(products, "GET", "/products").status == 200


@pytest.mark.parametrize("body", [b"{}", b'{"keys": []}', b"[]", b"<html>"])
def test_keys_of_no_use_are_as_good_as_none(sqlite_url: str, admin: dict[str, str], body: bytes) -> None:
    with serving(sends(answer(200, body))) as users, built(sqlite_url, users.url) as products:
        reply = call(products, "POST", "/products", CUP, headers=admin)
    assert (reply.status, reply.code, reply.header("Retry-After")) == (503, "users-unavailable", "1")


def test_a_forged_token_asks_nobody(sqlite_url: str, users: Server, own: OwnKeys, issuer: Issuer) -> None:
    token = issuer.mint("a-1", "admin")
    own.kid = "unknown"
    forged = {f"{token[:-4]}AAAA": (401, "unauthenticated"), issuer.mint("a-1", "admin"): (503, "users-unavailable")}
    with built(sqlite_url, users.url) as products:
        for token, refusal in forged.items():
            reply = call(products, "POST", "/products", CUP, headers={"Authorization": f"Bearer {token}"})
            assert (reply.status, reply.code) == refusal
    assert [request.line for request in users.requests] == ["GET /users/.well-known/jwks.json HTTP/1.1"]


def test_what_is_protected_may_fail_for_want_of_keys() -> None:
    operations = composition.document()["paths"]
    for operation in (operations["/products"]["post"], operations["/products/{productId}"]["patch"]):
        assert operation["responses"]["503"]["description"] == "users-unavailable · unavailable"
        assert operation["responses"]["504"]["description"] == "outcome-unknown"
        assert "502" not in operation["responses"]
    assert operations["/products"]["get"]["responses"]["503"]["description"] == "unavailable"


def test_the_openapi_document_is_valid_and_needs_no_settings() -> None:
    document = json.loads(once(SERVICE, "openapi").stdout)
    validate(document)
    assert set(document["paths"]) == {"/products", "/products/{productId}"}


def test_all_settings_that_are_missing_or_wrong_are_named_at_once(tmp_path: Path) -> None:
    completed = once(SERVICE, USERS_URL="users:8000", CATALOGUE_FILE=str(tmp_path / "none.csv"))
    named = [line.split(b":")[0] for line in completed.stderr.splitlines()[1:]]
    assert (completed.returncode, named) == (2, [b"CATALOGUE_FILE", b"DATABASE_URL", b"PORT", b"USERS_URL"])


def test_a_file_is_loaded_into_a_running_service(tmp_path: Path, sqlite_url: str) -> None:
    rows = "id,name,amount,currency\nespresso-cup,Tiny cup,1,EUR\nnew-cup,New cup,2,EUR\n"
    (tmp_path / "more.csv").write_text(rows)
    with running(SERVICE, tmp_path, DATABASE_URL=sqlite_url, USERS_URL=NOBODY) as service:
        good = once(SERVICE, "load", str(tmp_path / "more.csv"), DATABASE_URL=sqlite_url)
        bad = once(SERVICE, "load", "-", stdin=(rows + "BAD,,x,e\n").encode(), DATABASE_URL=sqlite_url)
        missing = once(SERVICE, "load", str(tmp_path / "none.csv"), DATABASE_URL=sqlite_url)
        connection = service.connection()
        connection.request("GET", "/products/espresso-cup")
        assert json.loads(connection.getresponse().read())["name"] == "Tiny cup"
        connection.close()
        service.stop()
        assert service.exit_code() == 0
        (seeded,) = service.lines("seeded")
        assert seeded["products"] == len(PACKAGED.read_text().splitlines()) - 1
    assert (good.returncode, good.stdout, good.stderr) == (0, b"2 loaded, 0 refused\n", b"")
    assert (bad.returncode, bad.stdout) == (1, b"2 loaded, 1 refused\n")
    assert bad.stderr.startswith(b"line 4: id must be")
    assert missing.returncode == 1 and b"none.csv" in missing.stderr

"""The reference of the API: files that a browser may look at, and from where it may load what they need."""

import gzip

import pytest

from ops.tests.gateway.expectations import ONCE, assert_guarded, assert_problem
from ops.tests.gateway.running import Gateway

pytestmark = pytest.mark.whole


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TYPES = {
    "/docs": "text/html",
    "/docs/": "text/html",
    "/docs/index.html": "text/html",
    "/docs/page.js": "text/javascript",
    "/docs/page.css": "text/css",
    "/docs/openapi.json": "application/json",
    "/docs/library/swagger_bundle.js": "text/javascript",
    "/docs/library/swagger_style.css": "text/css",
}
ABOUT_DOCS = {**ONCE, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}


def test_each_file_has_its_type_and_the_headers_of_a_page(gateway: Gateway) -> None:
    for path, media_type in TYPES.items():
        answer = gateway.ask("GET", f"{path}?x=1", "X-Request-ID: docs-12345")
        assert answer.status == 200, path
        for name, value in {**ABOUT_DOCS, "Content-Type": media_type, "X-Request-ID": "docs-12345"}.items():
            assert answer.all(name) == [value], (path, name, answer.headers)


def test_the_page_is_the_same_with_and_without_a_slash(gateway: Gateway) -> None:
    assert gateway.ask("GET", "/docs").body == gateway.ask("GET", "/docs/").body
    assert not gateway.ask("HEAD", "/docs").body


def test_the_document_is_the_repositorys(gateway: Gateway) -> None:
    assert gateway.ask("GET", "/docs/openapi.json").json()["info"]["title"] == "Gateproof"


def test_what_is_known_already_is_not_sent_again(gateway: Gateway) -> None:
    (tag,) = gateway.ask("GET", "/docs/page.js").all("ETag")
    again = gateway.ask("GET", "/docs/page.js", f"If-None-Match: {tag}")
    assert (again.status, again.body) == (304, b"")
    for name, value in ABOUT_DOCS.items():
        assert again.all(name) == [value], name
    assert len(again.all("X-Request-ID")) == 1


def test_what_is_large_travels_packed(gateway: Gateway) -> None:
    for path in ("/docs/library/swagger_bundle.js", "/docs/library/swagger_style.css", "/docs/openapi.json"):
        plain = gateway.ask("GET", path)
        packed = gateway.ask("GET", path, "Accept-Encoding: gzip")
        assert packed.all("Content-Encoding") == ["gzip"]
        assert packed.all("Vary") == plain.all("Vary") == ["Accept-Encoding"]
        assert gzip.decompress(packed.body) == plain.body
        assert len(packed.body) < len(plain.body) / 2


def test_nobody_writes_there(gateway: Gateway) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/docs", "/docs/", "/docs/openapi.json"):
            refused = gateway.ask(method, path)
            assert_problem(refused, 405, "method-not-allowed")
            assert refused.all("Allow") == ["GET, HEAD"], path


def test_what_is_missing_is_a_problem_that_loads_nothing(gateway: Gateway) -> None:
    missing = gateway.ask("GET", "/docs/missing.js")
    assert_problem(missing, 404, "not-found")
    assert_guarded(missing)

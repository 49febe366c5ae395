"""Every service's application: contracts kept, errors in one shape, one access line for each request."""

import time
from dataclasses import dataclass
from typing import Any

import pytest
from structlog.testing import capture_logs
from typing_extensions import TypedDict

from services.common.database.readiness import Condition
from services.common.errors import Conflict, Forbidden, PeerFailed, Unauthenticated
from services.common.runtime import scope
from services.common.tests.wsgi import call
from services.common.web.app import Answer, App, client_address, created, header, ok
from services.common.web.bodies import RequestSchema


@dataclass(frozen=True)
class Keeper:
    id: str
    role: str


class Badges:
    """A verifier that knows two badges."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []

    def verify(self, authorization: str | None) -> Keeper:
        self.asked.append(authorization)
        if authorization not in ("Bearer keeper", "Bearer admin"):
            raise Unauthenticated(detail="unknown badge")
        return Keeper("k-1", authorization.removeprefix("Bearer "))


class Box(RequestSchema):
    label: str


class Shown(TypedDict):
    seen: str | None


class Shelves:
    """Remembers what its handlers were called with."""

    def __init__(self) -> None:
        self.boxes: list[str] = []


@pytest.fixture
def badges() -> Badges:
    return Badges()


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


@pytest.fixture
def app(badges: Badges, shelves: Shelves) -> App:
    app = App("stock", verifier=badges)

    @app.get("/public", auth=False)
    def public() -> Answer:
        return ok(Shown(seen=None))

    @app.get("/shelves/<shelf>")
    def shelf(caller: Keeper, shelf: str) -> Answer:
        return ok(Shown(seen=f"{caller.id} {shelf}"))

    @app.post("/shelves", takes=Box, answers={201: Shown})
    def store(caller: Keeper, body: Box) -> Answer:
        shelves.boxes.append(body.label)
        return created(Shown(seen=body.label), location=f"/shelves/{body.label}")

    @app.post("/admin", auth="admin", takes=Box)
    def administer(caller: Keeper, body: Box) -> Answer:
        return ok(Shown(seen=caller.role))

    @app.get("/fail/<kind>", auth=False)
    def fail(kind: str) -> Answer:
        raise {
            "conflict": Conflict("shelf-taken", "That shelf is taken."),
            "peer": PeerFailed("scales", "10.0.0.7 said <html>"),
            "forbidden": Forbidden(),
            "bug": ZeroDivisionError("secret hunter2"),
            "memory": RecursionError(),
        }[kind]

    @app.get("/scope", auth=False)
    def show_scope() -> Answer:
        return ok(Shown(seen=scope.current().request_id))

    @app.get("/address", auth=False)
    def address() -> Answer:
        return ok(Shown(seen=f"{client_address()} {header('X-Forwarded-For')}"))

    return app


def test_a_public_route_asks_nobody(app: App, badges: Badges) -> None:
    reply = call(app, "GET", "/public")
    assert (reply.status, reply.json, reply.header("Content-Type")) == (200, {"seen": None}, "application/json")
    assert badges.asked == []


def test_a_route_is_protected_unless_it_says_otherwise(app: App) -> None:
    reply = call(app, "GET", "/shelves/a1")
    assert (reply.status, reply.code) == (401, "unauthenticated")
    assert reply.header("WWW-Authenticate") == "Bearer"


def test_a_caller_is_handed_in(app: App) -> None:
    reply = call(app, "GET", "/shelves/a1", headers={"Authorization": "Bearer keeper"})
    assert reply.json == {"seen": "k-1 a1"}


@pytest.mark.parametrize("raw", [b"", b"{", b"{}", b'{"label": 1}'])
def test_without_a_token_the_body_is_not_looked_at(app: App, shelves: Shelves, raw: bytes) -> None:
    assert call(app, "POST", "/shelves", raw=raw).status == 401
    assert shelves.boxes == []


def test_with_a_token_a_bad_body_reaches_no_handler(app: App, shelves: Shelves) -> None:
    reply = call(app, "POST", "/shelves", {"label": 1}, headers={"Authorization": "Bearer keeper"})
    assert (reply.status, shelves.boxes) == (422, [])


def test_what_was_made_has_a_location(app: App, shelves: Shelves) -> None:
    reply = call(app, "POST", "/shelves", {"label": "b"}, headers={"Authorization": "Bearer keeper"})
    assert (reply.status, reply.header("Location"), shelves.boxes) == (201, "/shelves/b", ["b"])


@pytest.mark.parametrize(("badge", "status"), [("keeper", 403), ("admin", 200), ("forged", 401)])
def test_a_role_is_asked_for_before_the_body(app: App, badge: str, status: int) -> None:
    bad = call(app, "POST", "/admin", raw=b"{", headers={"Authorization": f"Bearer {badge}"})
    good = call(app, "POST", "/admin", {"label": "b"}, headers={"Authorization": f"Bearer {badge}"})
    assert (bad.status, good.status) == (status if status != 200 else 415, status)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("conflict", 409, "shelf-taken"),
        ("peer", 502, "scales-failed"),
        ("forbidden", 403, "forbidden"),
        ("bug", 500, "internal-error"),
        ("memory", 500, "internal-error"),
    ],
)
def test_whatever_is_raised_leaves_as_a_problem(app: App, kind: str, status: int, code: str) -> None:
    reply = call(app, "GET", f"/fail/{kind}", headers={"X-Request-ID": "request-1"})
    assert (reply.status, reply.code, reply.json["requestId"]) == (status, code, "request-1")
    assert reply.header("X-Request-ID") == "request-1"
    assert all(word not in reply.body for word in (b"hunter2", b"10.0.0.7", b"Traceback", b"html", b".py"))


def test_an_unexpected_error_is_explained_in_the_log_alone(app: App) -> None:
    with capture_logs() as lines:
        call(app, "GET", "/fail/bug")
    (line,) = [line for line in lines if line["event"] == "internal-error"]
    assert isinstance(line["exc_info"], ZeroDivisionError) and line["log_level"] == "error"


def test_what_the_caller_may_not_know_is_in_the_log(app: App) -> None:
    with capture_logs() as lines:
        call(app, "GET", "/fail/peer")
    (line,) = [line for line in lines if line["event"] == "problem"]
    assert (line["code"], line["detail"]) == ("scales-failed", "10.0.0.7 said <html>")


@pytest.mark.parametrize(
    "path",
    ["/", "/nope", "/public/", "/shelves/", "/shelves/a/b", "//public", "/public%00", "/p%FFublic", "/%FFpublic"],
)
def test_an_unknown_path_is_a_problem(app: App, path: str) -> None:
    reply = call(app, "GET", path, headers={"Authorization": "Bearer keeper"})
    assert (reply.status, reply.code) == (404, "not-found")


@pytest.mark.parametrize("method", ["DELETE", "PUT", "OPTIONS", "TRACE", "FOO"])
def test_another_method_is_told_which_there_are(app: App, method: str) -> None:
    reply = call(app, method, "/public")
    assert (reply.status, reply.code, reply.header("Allow")) == (405, "method-not-allowed", "GET, HEAD")


@pytest.mark.parametrize(("path", "status"), [("/public", 200), ("/nope", 404), ("/fail/bug", 500)])
def test_head_is_get_without_the_body(app: App, path: str, status: int) -> None:
    got, head = call(app, "GET", path), call(app, "HEAD", path)
    assert (got.status, head.status, head.body) == (status, status, b"")
    assert int(head.header("Content-Length") or 0) > 0


def test_the_request_id_is_kept_echoed_once_and_current(app: App) -> None:
    reply = call(app, "GET", "/scope", headers={"X-Request-ID": "orders.L12.3-run"})
    assert reply.json["seen"] == reply.header("X-Request-ID") == "orders.L12.3-run"
    assert scope.current() is scope.NO_REQUEST


@pytest.mark.parametrize("bad", ["short", 'with "quotes" in it', "x" * 65, "two, of, them"])
def test_a_malformed_request_id_is_replaced_and_not_logged(app: App, bad: str) -> None:
    with capture_logs() as lines:
        reply = call(app, "GET", "/scope", headers={"X-Request-ID": bad})
    assert len(reply.header("X-Request-ID") or "") == 32
    assert bad not in repr(lines)


def test_one_access_line_for_each_request(app: App) -> None:
    with capture_logs() as lines:
        call(app, "GET", "/shelves/a%20%22b?secret=hunter2", headers={"Authorization": "Bearer keeper"})
    (line,) = lines
    assert {**line, "durationMs": None} == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "path": "/shelves/a%20%22b",
        "status": 200,
        "durationMs": None,
    }
    assert 0 <= line["durationMs"] < 1000


def test_requests_of_operators_are_logged_at_debug_level(app: App) -> None:
    with capture_logs() as lines:
        call(app, "GET", "/livez")
    assert [line["log_level"] for line in lines] == ["debug"]


def test_no_line_holds_what_is_secret(app: App) -> None:
    with capture_logs() as lines:
        headers = {"Authorization": "Bearer hunter2", "Idempotency-Key": "hunter2", "Cookie": "hunter2"}
        for path in ("/shelves", "/admin", "/nope", "/fail/bug"):
            call(app, "POST", f"{path}?token=hunter2", {"password": "hunter2"}, headers=headers)
    assert len(lines) >= 4 and "hunter2" not in repr(lines)


def stamped(seconds_ago: float) -> dict[str, str]:
    """By a clock that is right, or of a request that waited."""
    return {"X-Request-Start": f"t={time.time() - seconds_ago:.3f}"}


def test_what_waited_too_long_is_shed(app: App, badges: Badges) -> None:
    assert call(app, "GET", "/public", headers=stamped(0)).status == 200
    reply = call(app, "GET", "/shelves/a1", headers={**stamped(1.5), "Authorization": "Bearer keeper"})
    assert (reply.status, reply.code, reply.header("Retry-After")) == (503, "unavailable", "1")
    assert badges.asked == []


def test_what_is_fresh_is_not(app: App) -> None:
    assert [call(app, "GET", "/public", headers=stamped(ago)).status for ago in (0, 0.2)] == [200, 200]


@pytest.mark.parametrize("behind", [1.1, 5, 59, 3600, -1.1, -3600])
def test_a_gateway_with_another_time_is_served_all_the_same(app: App, behind: float) -> None:
    assert {call(app, "GET", "/public", headers=stamped(behind)).status for _ in range(20)} == {200}
    assert call(app, "GET", "/public", headers=stamped(behind + 1.5)).status == 503


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 2001:db8::1 ", "2001:db8::1"),
        ("203.0.113.7, 10.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_the_client_is_the_one_address_that_the_gateway_wrote(app: App, forwarded: str, address: str) -> None:
    reply = call(app, "GET", "/address", headers={"X-Forwarded-For": forwarded})
    assert reply.json["seen"].split(" ")[0] == address


@pytest.mark.parametrize(
    ("found", "status", "body"),
    [
        (Condition(), 200, {"status": "ok", "database": "ok"}),
        (Condition(True, "not writable"), 200, {"status": "ok", "database": "not writable"}),
        (Condition(False, "unreadable"), 503, {"status": "unavailable", "database": "unreadable"}),
    ],
)
def test_livez_touches_nothing_and_readyz_asks(found: Condition, status: int, body: dict[str, str]) -> None:
    app = App("stock", ready=lambda: found)
    assert call(app, "GET", "/livez").status == 200
    reply = call(app, "GET", "/readyz")
    assert (reply.status, reply.json) == (status, body)


def test_readyz_says_no_while_draining(app: App) -> None:
    assert call(app, "GET", "/readyz").status == 200
    app.draining.set()
    assert [call(app, "GET", path).status for path in ("/livez", "/readyz")] == [200, 503]


def test_metrics_count_by_route_and_not_by_path(app: App) -> None:
    for path in ("/shelves/a", "/shelves/b", "/nope/1", "/nope/2"):
        call(app, "GET", path, headers={"Authorization": "Bearer keeper"})
    call(app, "BREW", "/public")
    app.metrics.peer_called("scales", 503, 1)
    app.metrics.peer_called("scales", None, 2)
    text = call(app, "GET", "/metrics").body.decode()
    assert 'http_requests_total{method="GET",route="/shelves/<shelf>",status="200"} 2.0' in text
    assert 'http_requests_total{method="other",route="none",status="404"} 2.0' in text
    assert 'http_requests_total{method="other",route="none",status="405"} 1.0' in text
    assert 'peer_calls_total{attempt="1",peer="scales",status="503"} 1.0' in text
    assert 'peer_calls_total{attempt="2",peer="scales",status="none"} 1.0' in text
    assert "BREW" not in text and "/nope" not in text


def test_a_misspelt_contract_is_refused_at_once(app: App) -> None:
    options: dict[str, Any] = {"atuh": False}
    with pytest.raises(TypeError, match="atuh"):
        app.get("/typo", **options)

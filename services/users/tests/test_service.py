"""Users as a whole: the application on a real database, then as a process."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from openapi_spec_validator import validate
from structlog.testing import capture_logs

from services.common.auth.keys import read_jwks
from services.common.auth.published import PublishedKeys
from services.common.auth.tokens import Verifier
from services.common.tests.processes import once, running
from services.common.tests.wsgi import Reply, call
from services.common.web.app import App
from services.users import app as composition
from services.users.app import UsersSettings

ADA = {"email": "Ada@Example.test", "password": "correct horse"}
WRONG = {"password": "wrong horse"}
SERVICE = "services.users"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "signing.pem"
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.fixture
def settings(sqlite_url: str, key_file: Path) -> UsersSettings:
    return UsersSettings(database_url=sqlite_url, port=0, jwt_private_key_file=key_file)


@pytest.fixture
def users(settings: UsersSettings) -> Iterator[App]:
    with closing(composition.build(settings)) as app:
        yield app


def login(users: App, **changes: str) -> Reply:
    return call(users, "POST", "/users/login", {**ADA, **changes})


def me(users: App, token: str) -> Reply:
    return call(users, "GET", "/users/me", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def token(users: App) -> str:
    assert call(users, "POST", "/users/register", ADA).status == 201
    return str(login(users).json["accessToken"])


def test_register_answers_the_account_without_its_password(users: App) -> None:
    reply = call(users, "POST", "/users/register", {**ADA, "name": "Ada"})
    assert reply.status == 201
    assert set(reply.json) == {"id", "email", "name", "createdAt"}
    assert (reply.json["email"], reply.json["name"]) == ("Ada@Example.test", "Ada")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", reply.json["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", reply.json["createdAt"])


def test_register_without_a_name_answers_null(users: App) -> None:
    assert call(users, "POST", "/users/register", ADA).json["name"] is None


def test_an_address_is_taken_in_any_case(users: App, token: str) -> None:
    reply = call(users, "POST", "/users/register", {**ADA, "email": "ADA@EXAMPLE.TEST"})
    assert (reply.status, reply.code) == (409, "email-taken")


def test_login_answers_a_bearer_token_of_15_minutes(users: App, token: str) -> None:
    reply = login(users, email="ada@example.test")
    assert reply.status == 200
    assert {**reply.json, "accessToken": ""} == {"accessToken": "", "tokenType": "Bearer", "expiresIn": 900}


def test_the_published_keys_verify_the_token(users: App, token: str) -> None:
    reply = call(users, "GET", "/users/.well-known/jwks.json")
    keys = PublishedKeys("users", lambda: read_jwks(reply.json))
    keys.renew()
    verifier = Verifier(keys, "gateproof", "gateproof")
    caller = verifier.verify(f"Bearer {token}")
    assert (caller.id, caller.role) == (me(users, token).json["id"], "customer")
    assert all(set(key) == {"kty", "crv", "x", "kid", "alg", "use"} for key in reply.json["keys"])


def test_me_is_the_caller(users: App, token: str) -> None:
    reply = me(users, token)
    assert (reply.status, reply.json["email"]) == (200, "Ada@Example.test")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer x.y.z", "Basic YTpi", "bearer a.b"])
def test_me_needs_a_token(users: App, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    reply = call(users, "GET", "/users/me", headers=headers)
    assert (reply.status, reply.code) == (401, "unauthenticated")


def test_an_unknown_account_and_a_wrong_password_answer_alike(users: App, token: str) -> None:
    wrong, unknown = login(users, **WRONG), login(users, email="nobody@example.test")
    shown = [
        (reply.status, reply.code, reply.json["detail"], reply.header("WWW-Authenticate")) for reply in (wrong, unknown)
    ]
    assert (
        shown[0] == shown[1] == (401, "invalid-credentials", "The e-mail address or the password is wrong.", "Bearer")
    )


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/email", "/password"]),
        ({"email": "ada", "password": "correct horse"}, ["/email"]),
        ({"email": "ada@example", "password": "correct horse"}, ["/email"]),
        ({"email": "ada@exa mple.test", "password": "correct horse"}, ["/email"]),
        ({"email": "Ada <ada@example.test>", "password": "correct horse"}, ["/email"]),
        ({"email": "a" * 250 + "@example.test", "password": "correct horse"}, ["/email"]),
        ({"email": "ada@example.test\u0000", "password": "correct horse"}, ["/email"]),
        ({"email": None, "password": "correct horse"}, ["/email"]),
        ({"email": "ada@example.test", "password": "seven77"}, ["/password"]),
        ({"email": "ada@example.test", "password": "x" * 129}, ["/password"]),
        ({"email": "ada@example.test", "password": 12345678}, ["/password"]),
        ({"email": "ada@example.test", "password": "correct horse", "name": ""}, ["/name"]),
        ({"email": "ada@example.test", "password": "correct horse", "name": "x" * 101}, ["/name"]),
        ({"email": "ada@example.test", "password": "correct horse", "role": "admin"}, ["/role"]),
    ],
)
def test_a_registration_that_is_not_valid_is_refused(users: App, body: dict[str, Any], pointers: list[str]) -> None:
    reply = call(users, "POST", "/users/register", body)
    assert (reply.status, reply.pointers) == (422, pointers)


@pytest.mark.parametrize(
    "email",
    ["ada@example.test", "ada@printer.local", "a.b+c@example.com", "jörg@bücher.example.com", "o'hara@example.test"],
)
def test_addresses_of_tests_and_private_networks_are_good(users: App, email: str) -> None:
    reply = call(users, "POST", "/users/register", {**ADA, "email": email})
    assert (reply.status, reply.json["email"]) == (201, email)


def test_no_password_and_no_token_is_in_the_log(users: App) -> None:
    with capture_logs() as lines:
        call(users, "POST", "/users/register", ADA)
        token = login(users).json["accessToken"]
        me(users, token)
        login(users, **WRONG)
    assert len(lines) >= 4
    assert "horse" not in repr(lines) and token[-20:] not in repr(lines)


def test_the_throttle_goes_by_the_address_that_the_gateway_wrote(users: App) -> None:
    def attempt(address: str) -> Reply:
        return call(users, "POST", "/users/login", ADA, headers={"X-Forwarded-For": address})

    codes = [attempt("203.0.113.7").code for _ in range(11)]
    assert codes == ["invalid-credentials"] * 10 + ["too-many-attempts"]
    assert attempt("203.0.113.8").code == "invalid-credentials"
    assert 1 <= int(attempt("203.0.113.7").header("Retry-After") or 0) <= 900


def test_after_a_hundred_requests_no_connection_is_left_checked_out(postgres_url: str, key_file: Path) -> None:
    settings = UsersSettings(database_url=postgres_url, port=0, jwt_private_key_file=key_file)
    with closing(composition.build(settings)) as users:
        use_from_four_threads(users)
        assert 0 < kept() == open_on_the_server(postgres_url)
    assert kept() == 0


def use_from_four_threads(users: App) -> None:
    call(users, "POST", "/users/register", ADA)
    good = str(login(users).json["accessToken"])

    def work() -> None:
        for _ in range(7):
            me(users, good)
            me(users, "no.such.token")
            call(users, "POST", "/users/register", ADA)
            call(users, "GET", "/readyz")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def open_on_the_server(url: str) -> int:
    """The connections to this database, but for the one that asks."""
    with psycopg.connect(url) as asking:
        (found,) = asking.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone() or (0,)
    return int(found)


def kept() -> int:
    from services.users.store import _Account

    return len(_Account._meta.database._idle)


def test_the_openapi_document_is_valid_and_needs_no_settings() -> None:
    completed = once(SERVICE, "openapi")
    assert completed.returncode == 0
    document = json.loads(completed.stdout)
    validate(document)
    assert set(document["paths"]) == {"/users/register", "/users/login", "/users/me", "/users/.well-known/jwks.json"}


def test_all_settings_that_are_missing_are_named_at_once() -> None:
    completed = once(SERVICE)
    assert completed.returncode == 2
    assert [line.split(b":")[0] for line in completed.stderr.splitlines()[1:]] == [
        b"DATABASE_URL",
        b"JWT_PRIVATE_KEY_FILE",
        b"PORT",
    ]


@pytest.mark.parametrize(
    "content", ["", "hunter2", "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n"]
)
def test_a_key_of_no_use_is_named_and_not_shown(tmp_path: Path, sqlite_url: str, content: str) -> None:
    (tmp_path / "bad.pem").write_text(content)
    completed = once(SERVICE, DATABASE_URL=sqlite_url, PORT="0", JWT_PRIVATE_KEY_FILE=str(tmp_path / "bad.pem"))
    assert completed.returncode == 2 and completed.stderr.count(b"\n") == 2
    assert b"JWT_PRIVATE_KEY_FILE: " in completed.stderr and b"hunter2" not in completed.stderr


def test_an_operator_changes_accounts_of_a_running_service(tmp_path: Path, sqlite_url: str, key_file: Path) -> None:
    with running(SERVICE, tmp_path, DATABASE_URL=sqlite_url, JWT_PRIVATE_KEY_FILE=str(key_file)) as service:

        def ask(method: str, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
            connection = service.connection()
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
            connection.request(method, path, json.dumps(body), headers)
            response = connection.getresponse()
            answer = response.status, json.loads(response.read())
            connection.close()
            return answer

        def operate(*command: str) -> tuple[int, bytes]:
            completed = once(SERVICE, *command, DATABASE_URL=sqlite_url)
            return completed.returncode, completed.stdout + completed.stderr

        assert ask("POST", "/users/register", ADA)[0] == 201
        token = ask("POST", "/users/login", ADA)[1]["accessToken"]
        assert operate("suspend", "ada@example.test") == (0, b"Ada@Example.test is suspended\n")
        assert ask("GET", "/users/me", token=token)[1]["type"] == "urn:problem:account-suspended"
        assert ask("POST", "/users/login", ADA)[1]["type"] == "urn:problem:account-suspended"
        assert operate("restore", "ada@example.test") == (0, b"Ada@Example.test is active\n")
        assert ask("GET", "/users/me", token=token)[0] == 200
        assert operate("grant", "ada@example.test", "admin")[0] == 0
        assert operate("grant", "nobody@example.test", "admin")[0] == 1
        assert operate("grant", "ada@example.test", "king")[0] == 2
        service.stop()
        assert service.exit_code() == 0


WEAK = {
    "the commonest": "Password123",
    "the address": "ADA@example.TEST",
    "the part before the @": "ada.lovelace",
    "too short once it is composed": "a\u0308" * 7,
}


@pytest.mark.parametrize("password", WEAK.values(), ids=WEAK)
def test_a_password_that_is_easily_guessed_is_refused(users: App, password: str) -> None:
    email = "ada.lovelace@example.test" if password == "ada.lovelace" else ADA["email"]  # noqa: S105
    reply = call(users, "POST", "/users/register", {"email": email, "password": password})
    assert (reply.status, [error["pointer"] for error in reply.json["errors"]]) == (422, ["/password"])

import json
import time

import pytest

from ops.journal.masking import mask, mask_text

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkzIn0.c2lnbmF0dXJl"
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHUNTER2\n-----END PRIVATE KEY-----\n"
ARGON2 = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNo+/aGFzaA"
D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
SECRET = "hunter2-hunter2"  # noqa: S105 - what must not be seen


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ({"Authorization": f"Bearer {JWT}"}, {"Authorization": "Bearer ***"}),
        ({"authorization": SECRET}, {"authorization": "***"}),
        ({"Idempotency-Key": SECRET}, {"Idempotency-Key": "***"}),
        ({"idempotency_key": SECRET}, {"idempotency_key": "***"}),
        ({"Set-Cookie": f"s={SECRET}"}, {"Set-Cookie": "***"}),
        ({"password": SECRET, "email": "a@b.test"}, {"password": "***", "email": "a@b.test"}),
        ({"password": [SECRET]}, {"password": "***"}),
        ({"password": 20001234}, {"password": "***"}),
        ({"newPassword": SECRET, "POSTGRES_PASSWORD": SECRET}, {"newPassword": "***", "POSTGRES_PASSWORD": "***"}),
        ({"accessToken": JWT, "tokenType": "Bearer"}, {"accessToken": "***", "tokenType": "Bearer"}),
        ({"a": [{"b": {"access_token": "x"}}]}, {"a": [{"b": {"access_token": "***"}}]}),
        ({"kty": "OKP", "x": "public", "d": SECRET}, {"kty": "OKP", "x": "public", "d": "***"}),
        ({"d": "not a key"}, {"d": "not a key"}),
        ({"password_hash": SECRET, "passwordHash": SECRET}, {"password_hash": "***", "passwordHash": "***"}),
        (
            {"requestHeaders": [["Authorization", SECRET], ["Host", "x"]]},
            {"requestHeaders": [["Authorization", "***"], ["Host", "x"]]},
        ),
        ({"password": None, "token": ""}, {"password": None, "token": ""}),
    ],
)
def test_members_with_a_secret_name_are_masked(written: object, kept: object) -> None:
    assert mask(written) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (f"the token {JWT} was refused", "the token *** was refused"),
        (f"an unsigned {JWT.rsplit('.', 1)[0]}.", "an unsigned ***"),
        (f"key: {PEM}done", "key: ***\ndone"),
        (f"cut off: {PEM[:50]}", "cut off: ***"),
        (
            f"POST / HTTP/1.1\r\nAuthorization: Bearer {SECRET}\r\nHost: x",
            "POST / HTTP/1.1\r\nAuthorization: Bearer ***\r\nHost: x",
        ),
        (f"Idempotency-Key: {SECRET} and more\nHost: x", "Idempotency-Key: ***\nHost: x"),
        (f'{{"email": "a@b.test", "password": "{SECRET}"}}', '{"email": "a@b.test", "password": "***"}'),
        (f'{{"password": "{SECRET}', '{"password": "***'),
        (f'{{"password": "a\\"{SECRET}", "x": 1}}', '{"password": "***", "x": 1}'),
        (json.dumps(json.dumps({"accessToken": SECRET, "x": 1})), '"{\\"accessToken\\": \\"***\\", \\"x\\": 1}"'),
        ('{"password": 12345678, "x": 1}', '{"password": ***, "x": 1}'),
        ('{"password": ["hunter2", "x"], "x": 1}', '{"password": ***, "x": 1}'),
        ('{"password": {"is": "hunter2"}, "x": 1}', '{"password": ***, "x": 1}'),
        (json.dumps('{"password": ["hunter2"]}'), '"{\\"password\\": ***}"'),
        ('{"password": null}', '{"password": null}'),
        ("{'password': 'hunter2'}", "{'password': '***'}"),
        (f"email=a&password={SECRET}&x=1", "email=a&password=***&x=1"),
        (f"GET /x?access_token={SECRET}&q=1", "GET /x?access_token=***&q=1"),
        (f'{{"authorization": "Basic {SECRET}"}}', '{"authorization": "***"}'),
        (f"curl -H 'authorization: Basic {SECRET}' x", "curl -H 'authorization: Basic ***' x"),
        (f"curl -H 'Authorization: Bearer {SECRET}' http://x/", "curl -H 'Authorization: Bearer ***' http://x/"),
        ("postgresql://orders:hunter2@db:5432/orders", "postgresql://orders:***@db:5432/orders"),
        ('WWW-Authenticate: Bearer error="invalid_token"', 'WWW-Authenticate: Bearer error="invalid_token"'),
        (f"stored as {ARGON2}, it says", "stored as ***, it says"),
        (f"('ann', '{ARGON2}')", "('ann', '***')"),
        (f'{{"password_hash": "{SECRET}", "x": 1}}', '{"password_hash": "***", "x": 1}'),
        (f"passwordHash={SECRET} x=1", "passwordHash=*** x=1"),
        (
            f'{{"kty":"OKP","crv":"Ed25519","d":"{D}","x":"{D}"}}',
            f'{{"kty":"OKP","crv":"Ed25519","d":"***","x":"{D}"}}',
        ),
        (json.dumps(json.dumps({"d": D, "kty": "OKP"})), json.dumps(json.dumps({"d": "***", "kty": "OKP"}))),
        (f"{{'kty': 'oct', 'k': '{D}'}}", "{'kty': 'oct', 'k': '***'}"),
        (f'cut off: {{"crv":"Ed25519","d":"{D[:20]}', 'cut off: {"crv":"Ed25519","d":"***'),
        (f"GET /x?token={SECRET}&q=1 HTTP/1.1", "GET /x?token=***&q=1 HTTP/1.1"),
        (f"GET /x?q=1&id_token={SECRET}#top", "GET /x?q=1&id_token=***#top"),
        (f"/cb#access_token={SECRET}&x=1", "/cb#access_token=***&x=1"),
        (f"token={SECRET}&x=1", "token=***&x=1"),
        (f'{{"token": "{SECRET}", "x": 1}}', '{"token": "***", "x": 1}'),
        ("argon2id needs 19 MiB, $argon2 is its sign", "argon2id needs 19 MiB, $argon2 is its sign"),
        (
            '{"d": "not a key", "q": "espresso-cup-of-the-house"}',
            '{"d": "not a key", "q": "espresso-cup-of-the-house"}',
        ),
        ('{"kty":"OKP","q":"a cup"} is no RSA key', '{"kty":"OKP","q":"a cup"} is no RSA key'),
        ("unexpected token = at column 3, token=none", "unexpected token = at column 3, token=none"),
        ('{"tokenType": "Bearer", "tokens": "3"}', '{"tokenType": "Bearer", "tokens": "3"}'),
        ('Idempotency-Key: "abc-secret"', 'Idempotency-Key: "***"'),
        ('Idempotency-Key: \r\n\r\n{"x": 1}', 'Idempotency-Key: \r\n\r\n{"x": 1}'),
        ('{"password":\n  12345678}', '{"password":\n  ***}'),
        ("the password hash of nobody", "the password hash of nobody"),
        ("with the password they chose", "with the password they chose"),
        ("no bearer token was sent", "no bearer token was sent"),
    ],
)
def test_secrets_inside_text_are_masked(written: str, kept: str) -> None:
    assert mask_text(written) == kept


def test_nothing_else_is_touched() -> None:
    harmless = {
        "url": "http://127.0.0.1:8080/orders?limit=2",
        "n": 1,
        "f": 1.5,
        "ok": True,
        "none": None,
        "list": ["a", 1],
    }

    assert mask(harmless) == harmless


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a-",
        "a.",
        "-",
        "\\",
        "\n",
        " ",
        "eyJaaaaa-",
        "Bearer ",
        '"password":"',
        "password=[",
        "a://b:",
        "-----BEGIN KEY-----",
        "$argon2id$",
        '"kty","d":"',
        "?token=",
        "token",
        "&a-",
    ],
)
def test_hostile_text_is_masked_in_linear_time(unit: str) -> None:
    started = time.process_time()

    mask_text('"password": "' + unit * 20_000)
    mask_text(unit * 20_000)

    assert time.process_time() - started < 1

import json
import time

import pytest

from ops.evidence.masking import mask, mask_text

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkzIn0.c2lnbmF0dXJl"
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHUNTER2\n-----END PRIVATE KEY-----\n"
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
    ],
)
def test_hostile_text_is_masked_in_linear_time(unit: str) -> None:
    started = time.process_time()

    mask_text('"password": "' + unit * 100_000)
    mask_text(unit * 100_000)

    assert time.process_time() - started < 5

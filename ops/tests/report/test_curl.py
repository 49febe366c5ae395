"""The command repeats the request, in a shell, with the masked secrets left to the reader."""

import subprocess

import pytest

from ops.journal.events import Request
from ops.report.curl import curl


def request(**fields: object) -> Request:
    known = {"scenario": "a:1", "request_id": "x", "method": "GET", "url": "http://127.0.0.1:8080/orders"}
    return Request.model_validate({**known, **fields})


def words(command: str, shell: str = "/bin/sh", **environment: str) -> list[str]:
    """What the shell makes of the command."""
    script = f'set -- {command}; printf "%s\\n" "$@"'
    done = subprocess.run([shell, "-c", script], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_plain_request_is_a_plain_command() -> None:
    assert words(curl(request())) == ["curl", "-i", "http://127.0.0.1:8080/orders"]


def test_masked_headers_are_variables() -> None:
    asked = [("Authorization", "Bearer ***"), ("Idempotency-Key", "***"), ("Host", "x"), ("X-Note", "it's $HOME")]

    said = words(curl(request(request_headers=asked)), TOKEN="t0", IDEMPOTENCY_KEY="k1")  # noqa: S106

    assert said[2:-1] == ["-H", "Authorization: Bearer t0", "-H", "Idempotency-Key: k1", "-H", "X-Note: it's $HOME"]


def test_a_masked_member_of_a_body_is_a_variable() -> None:
    body = """{"email": "o'neil@example.com", "password": "***", "accessToken":"***"}"""

    said = words(curl(request(method="POST", request_body=body)), PASSWORD="p w", ACCESS_TOKEN="a")  # noqa: S106

    assert said[2:6] == [
        "-X",
        "POST",
        "--data-raw",
        body.replace("***", "p w", 1).replace('"accessToken":"***"', '"accessToken": "a"'),
    ]


def test_a_header_without_content_is_sent() -> None:
    said = words(curl(request(request_headers=[("X-Note", "")])))

    assert said == ["curl", "-i", "-H", "X-Note;", "http://127.0.0.1:8080/orders"]


def test_what_asks_for_the_headers_alone_waits_for_no_body() -> None:
    assert words(curl(request(method="HEAD")))[:2] == ["curl", "-I"]


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/users/./me", ["--path-as-is"]),
        ("/users/%2E%2e/me", ["--path-as-is"]),
        ("/users/..", ["--path-as-is"]),
        ("/docs/openapi.json?v=1..2", []),
        ("/products?q=[a]", ["-g"]),
        ("/products/{id}", ["-g"]),
    ],
)
def test_the_path_is_asked_for_as_it_stands(path: str, options: list[str]) -> None:
    asked = f"http://127.0.0.1:8080{path}"

    assert words(curl(request(url=asked))) == ["curl", "-i", *options, asked]


def test_another_stack_is_asked_with_base() -> None:
    asked = curl(request(url="http://127.0.0.1:8080/products?q=a&b;c"))

    assert words(asked)[-1] == "http://127.0.0.1:8080/products?q=a&b;c"
    assert words(asked, BASE="https://staging.example.com")[-1] == "https://staging.example.com/products?q=a&b;c"


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
@pytest.mark.parametrize(
    "hostile",
    [
        request(url="http://$(echo sprung)/orders"),
        request(url="http://x}`echo sprung`/orders"),
        request(request_headers=[("$(echo sprung)}token", "***")]),
        request(request_headers=[('"; echo sprung; "token', "***")]),
        request(request_body='{"a": "$(echo sprung)", "password": "***", "b": "`echo sprung`"}'),
    ],
)
def test_a_shell_runs_nothing_of_a_request(hostile: Request, shell: str) -> None:
    said = words(curl(hostile), shell)
    assert said[:2] == ["curl", "-i"]
    assert [word for word in said if "sprung" in word and "echo sprung" not in word] == []
    assert "\\" not in "".join(said)

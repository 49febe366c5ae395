"""The request of a step is read from its commands as they stand there."""

from __future__ import annotations

import pytest

from ops.smoke.asked import Asked, asked

SIGN_IN = """LAST=$(curl -sSi "$BASE_URL/login" -H "$JSON" \\
  -d '{"email": "'"$ANN"'"}')
printf '%s\\n' "$LAST"
"""


@pytest.mark.parametrize(
    ("script", "request_"),
    [
        ('curl -sSi "$BASE_URL/x?a=1&b" -H "A: b" | sed 1q', Asked("GET", "$BASE_URL/x?a=1&b", ("A: b",), "")),
        ('curl -X PATCH "$BASE_URL/x" -d {}', Asked("PATCH", "$BASE_URL/x", (), "{}")),
        (SIGN_IN, Asked("POST", "$BASE_URL/login", ("$JSON",), '{"email": "$ANN"}')),
        ("curl -Z http://a/1 -d x --next http://b/2", Asked("GET", "http://b/2", (), "")),
        (
            "curl http://a/1; head -c 9 /dev/zero | curl http://b/2 --data-binary @-",
            Asked("POST", "http://b/2", (), "@-"),
        ),
        ('curl -sd x -XPUT "${BASE_URL}/x" --header=A:b', Asked("PUT", "${BASE_URL}/x", ("A:b",), "x")),
        ('curl -I "$BASE_URL/x"', None),
        ("curl --json {} http://a", None),
        ("echo it's", None),
        ("true", None),
    ],
)
def test_the_last_request_is_read(script: str, request_: Asked | None) -> None:
    assert asked(script) == request_


def test_it_is_filled_as_the_shell_does() -> None:
    request = asked(SIGN_IN)
    assert request
    filled = request.filled({"BASE_URL": "http://a", "JSON": "Content-Type: text/plain", "ANN": "ann@a"})
    assert Asked("GET", "${BASE_URL}/x", (), "").filled({"BASE_URL": "http://a"}).url == "http://a/x"
    assert filled == Asked("POST", "http://a/login", ("Content-Type: text/plain",), '{"email": "ann@a"}')

"""The steps run in one shell, one after the other; what does not hold is told with its cause."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ops.smoke.shell import Shell
from ops.smoke.walk import Result
from ops.tests.smoke.pages import get, page, step

pytestmark = pytest.mark.whole


Follow = Callable[..., list[Result]]

SETS_TOKEN = get("/token") + ' | tee "$LAST"\nTOKEN=$(value)'
USES_TOKEN = get("/healthz", "uses", '-H "Authorization: Bearer $TOKEN"')


def statuses(results: list[Result]) -> list[str]:
    return [result.status for result in results]


def test_variables_and_functions_carry_over(walk: Follow) -> None:
    results = walk(page(step(SETS_TOKEN, '200, `{"accessToken": "$TOKEN"}`'), step(USES_TOKEN)))
    assert [(result.status, result.why) for result in results] == [("held", ()), ("held", ())]
    assert results[0].request_id == "smoke.it-test-1"


@pytest.mark.parametrize(
    ("path", "answers", "why"),
    [
        ("/healthz", "201", "status is 200, not 201"),
        ("/healthz", "200, `Location: /x`", 'headers.location is missing, not "/x"'),
        ("/healthz", '200, `{"status": "fine"}`', 'body.status is "ok", not "fine"'),
        ("/healthz", '200, `{"state": "…"}`', 'body.state is missing, not "…"'),
        ("/empty", '200, `{"accessToken": "…"}`', 'body.accessToken is "", not "…"'),
        ("/list", '200, `{"items": []}`', "body.items is [{"),
        ("/list", '200, `{"items": [{"id": "b"}]}`', 'body.items[0].id is "a", not "b"'),
        ("/list", '200, `{"items": ["…", "…", {"id": "c"}]}`', 'body.items[2] is missing, not {"id": "c"}'),
        ("/list", '200, `{"items": [{"price": {"amount": 1}}]}`', "body.items[0].price.amount is 1250, not 1"),
        ("/list", '200, `{"next": "…"}`', 'body.next is null, not "…"'),
        ("/x", "404, `order-not-found`", 'body.type is "urn:problem:product-not-found", not "urn:problem:order-'),
        ("/healthz", "404, `not-found`", 'body.status is "ok", not 404'),
        ("/nothing", "401, `unauthenticated`", "body.status is missing, not 401"),
        ("/healthz", "200, `not-found`", 'headers.content-type is "application/json", not "application/problem+json"'),
        ("/deaf", "404", 'headers.x-request-id is missing, not "smoke.it-test-1"'),
    ],
)
def test_an_answer_that_is_another_is_told(walk: Follow, path: str, answers: str, why: str) -> None:
    (result,) = walk(page(step(get(path), answers)))
    assert result.status == "failed"
    assert why in " ".join(result.why)
    assert "HTTP/1.0 " in result.came


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("/x", "404, `product-not-found`"),
        ("/list", '200, `{"items": [{"id": "…", "price": {"amount": "…"}}], "next": null}`'),
        ("/list", "200, `content-type: application/json`"),
    ],
)
def test_an_answer_that_is_like_that_holds(walk: Follow, path: str, answers: str) -> None:
    assert statuses(walk(page(step(get(path), answers)))) == ["held"]


def test_a_command_that_hangs_is_ended_and_the_next_one_runs(walk: Follow, shell: Shell) -> None:
    shell.within = 2
    (hung,) = walk(page(step(get("/slow"))))
    assert (hung.status, hung.why) == ("failed", ("it did not end within 2 s",))
    shell.within = 20
    assert statuses(walk(page(step(get("/healthz"))))) == ["held"]


def test_an_address_where_nobody_answers(walk: Follow) -> None:
    (result,) = walk(page(step('curl -sSi "http://127.0.0.1:1/"')))
    assert result.why == ("nothing was answered", "its commands ended with exit code 7")
    assert "Failed to connect" in result.came


def test_a_variable_that_an_earlier_step_did_not_set_is_named(walk: Follow) -> None:
    results = walk(page(step(get("/nothing") + " | grep -o sesame"), step(USES_TOKEN)))
    assert statuses(results) == ["failed", "failed"]
    assert results[1].why == ("nothing was answered", "its commands ended with exit code 1")
    assert "TOKEN: unbound variable" in results[1].came


def test_a_step_whose_answer_is_as_expected_but_whose_commands_fail_has_not_held(walk: Follow) -> None:
    (result,) = walk(page(step(get("/healthz") + "; false")))
    assert result.why == ("its commands ended with exit code 1",)


def test_what_the_stack_cannot_do_is_skipped(walk: Follow) -> None:
    text = page(step(SETS_TOKEN, title="`POST /login`: an admin (needs `grant`)"), step(get("/healthz")))
    results = walk(text)
    assert statuses(results) == ["skipped", "held"]
    assert results[0].why == ("the stack has no grant",)
    assert statuses(walk(text, "grant")) == ["held", "held"]


def test_secrets_are_masked(walk: Follow) -> None:
    told = walk(page(step(SETS_TOKEN, "201"), step('echo "got $TOKEN"; ' + get("/x"))))
    shown = "".join(result.came for result in told)
    assert "got ***" in shown
    assert "sesame" not in shown
    assert "hunter22" not in shown

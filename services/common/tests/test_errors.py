"""The error tree and the table, walked."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common import errors
from services.common.errors import (
    DatabaseLost,
    FieldError,
    MethodNotAllowed,
    PeerError,
    SchemaUnfit,
    ServiceError,
    SettingsError,
)
from services.common.web import problems

GATEWAY = Path(__file__).parents[3] / "gateway" / "includes" / "problems.conf"


def tree(kind: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


def example(kind: type[ServiceError]) -> ServiceError:
    if issubclass(kind, PeerError):
        return kind("warehouse", "10.0.0.7 said no")
    if issubclass(kind, MethodNotAllowed):
        return kind("GET, HEAD")
    return kind()


def test_every_class_of_the_module_is_in_the_tree() -> None:
    classes = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__}
    assert classes - {FieldError, DatabaseLost, SchemaUnfit, SettingsError} == set(tree())


def test_the_docstring_draws_every_class() -> None:
    for kind in tree():
        assert re.search(rf"\b{kind.__name__}\b", errors.__doc__ or "")


@pytest.mark.parametrize("kind", list(tree()), ids=lambda kind: kind.__name__)
def test_every_class_has_its_row_and_its_code(kind: type[ServiceError]) -> None:
    assert kind in problems.TABLE
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", example(kind).code)


@pytest.mark.parametrize("kind", list(tree()), ids=lambda kind: kind.__name__)
def test_every_class_leaves_as_a_whole_problem(kind: type[ServiceError]) -> None:
    problem = problems.of(example(kind))
    body = json.loads(problem.body("request-1"))
    assert body["type"] == f"urn:problem:{example(kind).code}"
    assert body["status"] == problem.status.value >= 400
    assert body["title"] and body["detail"] and body["requestId"] == "request-1"
    assert "errors" not in body


@pytest.mark.parametrize("kind", list(tree()), ids=lambda kind: kind.__name__)
def test_what_may_pass_says_when_to_come_again(kind: type[ServiceError]) -> None:
    problem = problems.of(example(kind))
    assert ("Retry-After" in dict(problem.headers)) == (problem.status.value in (429, 503))


def test_the_code_and_the_detail_can_be_said() -> None:
    problem = problems.of(errors.Conflict("name-taken", "That name is taken."))
    assert (problem.status, problem.code, problem.detail) == (409, "name-taken", "That name is taken.")


def test_a_peer_gives_its_name_to_the_code() -> None:
    kinds = (errors.PeerUnavailable, errors.PeerFailed, errors.PeerTimeout)
    shown = [(problem.status.value, problem.code) for problem in (problems.of(kind("stock")) for kind in kinds)]
    assert shown == [(503, "stock-unavailable"), (502, "stock-failed"), (504, "stock-timeout")]


@pytest.mark.parametrize(
    "error",
    [errors.Unavailable(detail="secret"), errors.PeerFailed("stock", "secret"), errors.Unauthenticated("", "secret")],
)
def test_details_of_our_own_failures_and_of_tokens_stay_in_the_log(error: ServiceError) -> None:
    problem = problems.of(error)
    assert "secret" not in problem.detail and problem.private == "secret"


def test_an_unexpected_error_says_nothing() -> None:
    problem = problems.of(ValueError("password is hunter2"))
    assert (problem.status, problem.code) == (500, "internal-error")
    assert b"hunter2" not in problem.body("request-1")


def test_all_unusable_tokens_get_one_same_answer() -> None:
    answers = {problems.of(errors.Unauthenticated(detail=why)) for why in ("expired", "forged", "")}
    assert [dict(answer.headers) for answer in answers] == [{"WWW-Authenticate": "Bearer"}]


def test_a_refusal_nobody_foresaw_is_an_internal_error() -> None:
    assert {problems.refused(status).code for status in (404, 418)} == {"internal-error"}
    assert [problems.refused(status).status for status in (400, 413, 431, 501)] == [400, 413, 431, 501]


def test_the_gateway_has_the_same_title_for_the_same_type() -> None:
    """RFC 9457, 3.1.3: a title belongs to its type."""
    (table,) = re.findall(r"\$problem_title \{\n(.+?)\}", GATEWAY.read_text(), re.DOTALL)
    titles = {
        code.replace("default", "internal-error"): title for code, title in re.findall(r'([\w-]+) "(.+)";', table)
    }
    ours = [problems.of(example(kind)) for kind in tree()] + [problems.refused(status) for status in (400, 501)]
    shared = {problem.code: problem.title for problem in ours if problem.code in titles}
    assert {"not-found", "too-many-attempts", "bad-request", "internal-error"} < set(shared)
    assert {code: titles[code] for code in shared} == shared

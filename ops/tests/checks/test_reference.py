"""The document of the whole API: joined from the services' own without loss, and with what the gateway adds."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from ops.checks import CheckFailed
from ops.checks.reference import answers, joining
from ops.errors import Exit
from ops.tests.calls import called
from ops.tests.checks.planted import edit, joined, plant

pytestmark = pytest.mark.whole


ROOT = Path(__file__).parents[3]
PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}


def part(path: str, schemas: dict[str, Any], answered: str, name: str = "") -> dict[str, Any]:
    """A document of one operation that answers with one of the schemas."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{answered}"}}}
    operation = {"operationId": name or path, "responses": {"200": {"description": "Well.", "content": content}}}
    return {"paths": {path: {"get": operation}}, "components": {"schemas": schemas}}


def answered(document: dict[str, Any], path: str) -> str:
    content = document["paths"][path]["get"]["responses"]["200"]["content"]
    return str(content["application/json"]["schema"]["$ref"]).removeprefix("#/components/schemas/")


def refused(*codes: str, **headers: object) -> dict[str, Any]:
    """An answer with these problems."""
    examples = {code: {"value": {"type": f"urn:problem:{code}"}} for code in codes}
    content = {"application/problem+json": {**PROBLEM, "examples": examples}}
    return {"description": " · ".join(codes), "headers": headers, "content": content}


def test_what_is_equal_stands_there_once() -> None:
    money = {"Money": {"type": "integer"}}
    together = joining.join({"carts": part("/carts", money, "Money"), "bills": part("/bills", money, "Money")})
    assert together["components"]["schemas"] == money
    assert (answered(together, "/carts"), answered(together, "/bills")) == ("Money", "Money")


def test_what_differs_is_named_after_its_owner() -> None:
    whole, parts = {"Money": {"type": "integer"}}, {"Money": {"type": "string"}}
    together = joining.join({"carts": part("/carts", whole, "Money"), "bills": part("/bills", parts, "Money")})
    assert together["components"]["schemas"] == {"CartsMoney": whole["Money"], "BillsMoney": parts["Money"]}
    assert (answered(together, "/carts"), answered(together, "/bills")) == ("CartsMoney", "BillsMoney")


def test_what_refers_to_something_that_differs_differs_too() -> None:
    page = {"Page": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}}
    items: tuple[dict[str, Any], ...] = ({"Item": {"type": "integer"}}, {"Item": {"type": "string"}})
    parts = {f"s{at}": part(f"/{at}", {**page, **item}, "Page") for at, item in enumerate(items)}
    schemas = joining.join(parts)["components"]["schemas"]
    assert schemas["S0Page"]["items"] == {"$ref": "#/components/schemas/S0Item"}
    assert set(schemas) == {"S0Page", "S0Item", "S1Page", "S1Item"}


def test_what_refers_to_itself_can_be_joined() -> None:
    tree = {"Tree": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}
    together = joining.join({"carts": part("/carts", tree, "Tree"), "bills": part("/bills", tree, "Tree")})
    assert together["components"]["schemas"] == tree


def test_each_operation_is_tagged_and_nothing_given_is_changed() -> None:
    given = {"carts": part("/carts", {"Money": {}}, "Money")}
    before = deepcopy(given)
    assert joining.join(given)["paths"]["/carts"]["get"]["tags"] == ["carts"]
    assert given == before


def test_two_owners_of_one_path_or_one_name_are_refused() -> None:
    cart, bill = part("/carts", {"A": {}}, "A", "list"), part("/bills", {"A": {}}, "A", "list")
    with pytest.raises(CheckFailed, match="two operations are called list"):
        joining.join({"carts": cart, "bills": bill})
    with pytest.raises(CheckFailed, match="bills and another both have /carts"):
        joining.join({"carts": cart, "bills": cart})


def test_the_gateways_problems_are_added_to_each_operations_own() -> None:
    paths: dict[str, Any] = {
        "/carts/{id}": {"get": {"responses": {"200": {}, "502": refused("bills-failed")}}},
        "/carts": {"get": {"responses": {}}},
    }
    answers.add(paths, {"502": refused("bad-gateway", Retry={}), "404": refused("not-found")})
    assert set(paths["/carts"]["get"]["responses"]) == {"502"}, "a path without anything to fill in is always found"
    assert list(paths["/carts/{id}"]["get"]["responses"]) == ["200", "404", "502"]
    assert paths["/carts/{id}"]["get"]["responses"]["502"] == refused("bad-gateway", "bills-failed", Retry={})


def test_a_problem_answer_that_is_the_same_everywhere_is_said_once() -> None:
    responses = [
        {"401": refused("who"), "422": refused("invalid")},
        {"401": refused("who"), "422": refused("invalid", X={})},
    ]
    paths = {f"/{at}": {"get": {"responses": one}} for at, one in enumerate(deepcopy(responses))}
    document: dict[str, Any] = {"paths": paths, "components": {}}
    answers.share(document)
    assert document["components"]["responses"] == {"who": refused("who")}
    for at, one in enumerate(responses):
        shared = {"401": {"$ref": "#/components/responses/who"}, "422": one["422"]}
        assert paths[f"/{at}"]["get"]["responses"] == shared


def test_the_gateways_words_are_those_of_its_configuration(tmp_path: Path) -> None:
    root = plant(tmp_path)
    edit(root / "gateway/includes/problems.conf", "The service did not answer in time.", "Too late.")
    users = part("/users/me", {"A": {}}, "A") | {"components": {}}
    document = joined(root, {"users": users})
    shown = document["components"]["responses"]["gateway-timeout"]["content"]["application/problem+json"]["examples"]
    assert shown["gateway-timeout"]["value"] == {
        "type": "urn:problem:gateway-timeout",
        "status": 504,
        "title": "Gateway timeout",
        "detail": "Too late.",
        "requestId": "5f0c6d1e8a9b4c7d",
    }


def test_what_the_gateway_answers_by_itself_waits_for_no_service(tmp_path: Path) -> None:
    root = plant(tmp_path)
    users = part("/users/me", {"A": {}}, "A") | {"components": {}}
    paths = joined(root, {"users": users})["paths"]
    assert set(paths["/healthz"]["get"]["responses"]) == {"200", "400", "414", "431"}
    assert set(paths["/users/me"]["get"]["responses"]) == {"200", "400", "414", "429", "431", "502", "504"}


def test_what_the_gateway_does_not_route_is_not_in_it(tmp_path: Path) -> None:
    root = plant(tmp_path)
    users = part("/users/me", {"A": {}}, "A") | {"components": {}}
    users["paths"]["/livez"] = {"get": {"responses": {}}}
    document = joined(root, {"users": users})
    assert set(document["paths"]) == {"/users/me", "/healthz"}


def test_the_repositorys_document_is_valid() -> None:
    validate(json.loads((ROOT / "gateway/docs/openapi.json").read_text()))


def test_the_command_prints_what_the_gateway_serves() -> None:
    done = called("openapi")
    assert (done.returncode, done.stdout) == (Exit.HELD, (ROOT / "gateway/docs/openapi.json").read_text()), done.stderr

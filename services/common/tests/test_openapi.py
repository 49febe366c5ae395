"""The OpenAPI document: valid, and telling what the routes really do."""

import json
import re
from typing import Annotated, Any

import pytest
from openapi_spec_validator import validate
from pydantic import Field
from typing_extensions import TypedDict

from services.common.errors import Conflict, NotFound, TooManyRequests
from services.common.tests import documents
from services.common.tests.wsgi import call
from services.common.web.app import Answer, App, created, ok
from services.common.web.bodies import RequestSchema, Time
from services.common.web.paging import PageQuery


class Box(RequestSchema):
    box_label: str = Field(examples=["tea"])
    size: int = Field(default=1, examples=[3])


class Shown(TypedDict):
    madeAt: Time
    note: Annotated[str | None, Field(examples=["fragile"])]


@pytest.fixture
def app() -> App:
    app = App("stock")

    @app.get("/boxes", auth=False, query=PageQuery, answers={200: Shown}, summary="All boxes")
    def boxes(query: PageQuery) -> Answer:
        return ok(Shown(madeAt="", note=None))

    @app.post(
        "/boxes/<shelf_id>",
        takes=Box,
        answers={201: Shown},
        problems=[NotFound("shelf-not-found"), Conflict("box-taken"), Conflict("shelf-full"), TooManyRequests()],
        headers={"Box-Key": {"type": "string", "maxLength": 255, "description": "Opens it."}},
        segments={"shelf_id": {"examples": ["upper"]}},
        located=True,
        summary="Put a box on a shelf",
    )
    def store_box(caller: Any, shelf_id: str, body: Box) -> Answer:
        """Where there is room."""
        return created(Shown(madeAt="", note=None))

    @app.patch("/boxes", auth="admin", takes=Box, answers={200: Shown}, summary="Change all boxes")
    def change(caller: Any, body: Box) -> Answer:
        return ok(Shown(madeAt="", note=None))

    return app


def test_it_is_valid(app: App) -> None:
    validate(app.document())


def test_it_is_served_as_it_is_printed(app: App) -> None:
    reply = call(app, "GET", "/openapi.json")
    assert reply.json == json.loads(json.dumps(app.document()))


def test_what_is_for_operators_is_not_in_it(app: App) -> None:
    assert set(app.document()["paths"]) == {"/boxes", "/boxes/{shelfId}"}


def test_an_operation_names_all_that_it_may_answer(app: App) -> None:
    responses = app.document()["paths"]["/boxes/{shelfId}"]["post"]["responses"]
    assert set(responses) == {"201", "400", "401", "404", "409", "413", "415", "422", "429", "500", "503", "504"}
    assert responses["409"]["description"] == "box-taken · shelf-full"
    assert set(responses["401"]["headers"]) == {"X-Request-ID", "WWW-Authenticate"}
    assert "Location" in responses["201"]["headers"]
    assert "Location" not in app.document()["paths"]["/boxes"]["patch"]["responses"]["200"]["headers"]


def test_an_operation_has_a_name_for_clients_and_words_for_people(app: App) -> None:
    operation = app.document()["paths"]["/boxes/{shelfId}"]["post"]
    shown = [operation[name] for name in ("operationId", "description", "tags")]
    assert shown == ["storeBox", "Where there is room.", ["stock"]]


def test_examples_are_put_together_from_those_of_the_fields(app: App) -> None:
    operation = app.document()["paths"]["/boxes/{shelfId}"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["example"] == {"boxLabel": "tea", "size": 3}
    shown = {"madeAt": "2026-11-23T08:15:30.125Z", "note": "fragile"}
    assert operation["responses"]["201"]["content"]["application/json"]["example"] == shown


def test_the_example_of_a_422_is_what_is_really_said(app: App) -> None:
    paths = app.document()["paths"]
    answers = [paths[path][method]["responses"]["422"] for path, method in (("/boxes", "patch"), ("/boxes", "get"))]
    examples = [one["content"]["application/problem+json"]["examples"]["validation-failed"]["value"] for one in answers]
    assert examples[0]["errors"] == [{"pointer": "/boxLabel", "message": "field required"}]
    assert [error["pointer"] for error in examples[1]["errors"]] == ["/limit", "/after"]


def test_a_text_that_is_sent_has_no_control_characters_and_the_schema_says_so(app: App) -> None:
    schemas = app.document()["components"]["schemas"]
    assert re.search(schemas["Box"]["properties"]["boxLabel"]["not"]["pattern"], "te\x00a")
    assert "not" not in schemas["Shown"]["properties"]["madeAt"]


def test_a_field_without_an_example_is_named() -> None:
    class Bare(TypedDict):
        colour: str

    app = App("stock")
    app.get("/colours", auth=False, answers={200: Bare})(lambda: ok(Bare(colour="red")))
    with pytest.raises(LookupError, match="no example for"):
        app.document()


def test_every_document_holds_what_it_promises(app: App) -> None:
    documents.check(app)


def test_what_a_token_is_verified_with_may_not_be_had() -> None:
    app = App("stock", issuer="gatehouse")
    app.get("/boxes")(lambda caller: ok(Shown(madeAt="", note=None)))
    app.get("/shelves", auth=False)(lambda: ok(Shown(madeAt="", note=None)))
    closed, open_ = (app.document()["paths"][path]["get"]["responses"] for path in ("/boxes", "/shelves"))
    assert closed["503"]["description"] == "gatehouse-unavailable · unavailable"
    assert set(closed) - set(open_) == {"401"}


def test_a_role_may_be_forbidden(app: App) -> None:
    paths = app.document()["paths"]["/boxes"]
    assert "403" in paths["patch"]["responses"] and "403" not in paths["get"]["responses"]
    shelf = app.document()["paths"]["/boxes/{shelfId}"]["post"]
    assert paths["patch"]["description"] == "Needs the role `admin`." and "description" not in paths["get"]
    said = [paths["patch"]["security"], shelf["security"], paths["get"]["security"]]
    assert said == [[{"token": ["admin"]}], [{"token": []}], []]


def test_parameters_are_those_of_path_query_and_headers(app: App) -> None:
    paths = app.document()["paths"]
    shown = [(one["name"], one["in"], one["required"]) for one in paths["/boxes/{shelfId}"]["post"]["parameters"]]
    assert shown == [("shelfId", "path", True), ("Box-Key", "header", False)]
    assert paths["/boxes/{shelfId}"]["post"]["parameters"][0]["example"] == "upper"
    assert paths["/boxes/{shelfId}"]["post"]["parameters"][1]["description"] == "Opens it."
    limit, after = paths["/boxes"]["get"]["parameters"]
    assert {"type": "string", "minLength": 1, "maxLength": 64}.items() <= after["schema"].items()
    assert (limit["name"], limit["in"]) == ("limit", "query")
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"], limit["schema"]["default"]) == (1, 100, 20)


def test_schemas_have_the_names_that_travel(app: App) -> None:
    schemas = app.document()["components"]["schemas"]
    assert set(schemas["Box"]["properties"]) == {"boxLabel", "size"} and schemas["Box"]["additionalProperties"] is False
    assert set(schemas["Shown"]["required"]) == {"madeAt", "note"}
    assert {"type", "title", "status", "detail", "requestId"} <= set(schemas["Problem"]["required"])

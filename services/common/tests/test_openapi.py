"""The OpenAPI document: valid, and telling what the routes really do."""

import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from services.common.bodies import RequestSchema, Schema
from services.common.errors import Conflict, NotFound, TooManyRequests
from services.common.paging import PageQuery
from services.common.tests.wsgi import call
from services.common.web import Answer, App, created, ok


class Box(RequestSchema):
    box_label: str
    size: int = 1


class Shown(Schema):
    made_at: str
    note: str | None


@pytest.fixture
def app() -> App:
    app = App("stock")

    @app.get("/boxes", auth=False, query=PageQuery, answers={200: Shown}, summary="All boxes")
    def boxes(query: PageQuery) -> Answer:
        return ok(Shown(made_at="", note=None))

    @app.post(
        "/boxes/<shelf_id>",
        takes=Box,
        answers={201: Shown},
        problems=[NotFound("shelf-not-found"), Conflict("box-taken"), Conflict("shelf-full"), TooManyRequests()],
        headers={"Box-Key": {"type": "string", "maxLength": 255}},
    )
    def store(caller: Any, shelf_id: str, body: Box) -> Answer:
        return created(Shown(made_at="", note=None))

    @app.patch("/boxes", auth="admin", takes=Box, answers={200: Shown})
    def change(caller: Any, body: Box) -> Answer:
        return ok(Shown(made_at="", note=None))

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
    assert set(responses) == {"201", "400", "401", "404", "409", "413", "415", "422", "429", "500", "503"}
    assert responses["409"]["description"] == "box-taken · shelf-full"
    assert set(responses["401"]["headers"]) == {"X-Request-ID", "WWW-Authenticate"}
    assert "Location" in responses["201"]["headers"]


def test_what_a_token_is_verified_with_may_not_be_had() -> None:
    app = App("stock", issuer="gatehouse")
    app.get("/boxes")(lambda caller: ok(Shown(made_at="", note=None)))
    app.get("/shelves", auth=False)(lambda: ok(Shown(made_at="", note=None)))
    closed, open_ = (app.document()["paths"][path]["get"]["responses"] for path in ("/boxes", "/shelves"))
    shown = [closed[status]["description"] for status in ("502", "503", "504")]
    assert shown == ["gatehouse-failed", "gatehouse-unavailable · unavailable", "gatehouse-timeout"]
    assert set(closed) - set(open_) == {"401", "502", "504"}


def test_a_role_may_be_forbidden(app: App) -> None:
    paths = app.document()["paths"]["/boxes"]
    assert "403" in paths["patch"]["responses"] and "403" not in paths["get"]["responses"]
    assert paths["patch"]["security"] == [{"token": []}] and "security" not in paths["get"]


def test_parameters_are_those_of_path_query_and_headers(app: App) -> None:
    paths = app.document()["paths"]
    shown = [(one["name"], one["in"], one["required"]) for one in paths["/boxes/{shelfId}"]["post"]["parameters"]]
    assert shown == [("shelfId", "path", True), ("Box-Key", "header", False)]
    limit = paths["/boxes"]["get"]["parameters"][0]
    assert (limit["name"], limit["in"]) == ("limit", "query")
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"], limit["schema"]["default"]) == (1, 100, 20)


def test_schemas_have_the_names_that_travel(app: App) -> None:
    schemas = app.document()["components"]["schemas"]
    assert set(schemas["Box"]["properties"]) == {"boxLabel", "size"} and schemas["Box"]["additionalProperties"] is False
    assert set(schemas["Shown"]["required"]) == {"madeAt", "note"}
    assert {"type", "title", "status", "detail", "requestId"} <= set(schemas["Problem"]["required"])

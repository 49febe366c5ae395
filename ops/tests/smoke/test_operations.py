"""docs/operations.md: every route of the contract has a success and an error, asked as its title says."""

from __future__ import annotations

import re

import pytest

from ops.checks.openapi import INTERNAL
from ops.checks.services import said
from ops.smoke.page import Page, Step
from ops.smoke.site import PAGE
from ops.stacks.layout import ROOT
from ops.stacks.topology import SERVICES

GATEWAYS_OWN = {"GET /healthz", "GET /docs", "GET /docs/openapi.json"}
METHODS = ("get", "post", "patch", "put", "delete")
REQUEST = re.compile(r'curl ((?:(?!\bcurl\b)[^"])*)"\$BASE_URL(/[^"?]*)[^"]*"((?:(?!\bcurl\b).)*)', re.S)
STEPS = Page.read(PAGE.read_text(encoding="utf-8")).steps


def contract() -> set[str]:
    """ "GET /orders/{}" and so on: what the services' own documents and the gateway offer."""
    documents = [said(ROOT, service, "openapi") for service in SERVICES]
    offered = {
        f"{method.upper()} {path}"
        for document in documents
        for path, operations in document["paths"].items()
        for method in set(METHODS) & set(operations)
        if path not in INTERNAL
    }
    return {unnamed(route) for route in offered | GATEWAYS_OWN}


def unnamed(route: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", route)


def asked(step: Step) -> tuple[str, str]:
    """The method and the path of a step's last request."""
    before, path, after = REQUEST.findall(step.script.text)[-1]
    method = re.search(r"-X ([A-Z]+)", before)
    return method[1] if method else "POST" if re.search(r" (-d|--data-binary) ", after) else "GET", path


def test_every_route_has_a_success_and_an_error() -> None:
    held = {(unnamed(step.route), step.expected.status < 400) for step in STEPS}
    routes = contract()
    assert len(routes) >= 11
    assert [
        (route, success) for route in sorted(routes) for success in (True, False) if (route, success) not in held
    ] == []


@pytest.mark.parametrize("step", STEPS, ids=lambda step: str(step.line))
def test_a_step_asks_what_its_title_says(step: Step) -> None:
    method, path = asked(step)
    titled, _, route = step.route.partition(" ")
    assert re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), path)
    assert method == titled or step.expected.code == "method-not-allowed"


def test_no_step_shares_its_request_id() -> None:
    ids = [step.script.request_id for step in STEPS]
    assert None not in ids
    assert len(set(ids)) == len(ids)


def test_errors_are_told_by_their_code() -> None:
    assert [step.line for step in STEPS if step.expected.status >= 400 and not step.expected.code] == []

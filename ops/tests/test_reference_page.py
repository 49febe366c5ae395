"""The page at /docs as somebody uses it who is new here: in Chromium, on a real stack."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from ops.stacks.layout import ROOT
from ops.tests.browser import Watch

pytestmark = pytest.mark.whole


NAME = "t-reference"


def ops(*arguments: str) -> str:
    command = [sys.executable, "-m", "ops", *arguments, "--name", NAME]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    try:
        yield str(json.loads(ops("up", "--port", "0", "--json"))["url"])
    finally:
        ops("down")


@pytest.fixture
def watch(url: str) -> Watch:
    return Watch(url)


@pytest.fixture
def page(url: str, browser: Browser, watch: Watch) -> Iterator[Page]:
    page = watch.on(browser.new_page(base_url=url))
    page.goto("/docs")
    yield page
    page.close()


def opened(page: Page, summary: str) -> Locator:
    """The operation of that summary, unfolded."""
    operation = page.locator(".opblock", has=page.get_by_text(summary, exact=True))
    operation.locator(".opblock-summary-control").click()
    return operation


def answer(operation: Locator) -> Locator:
    """What came back when it was tried."""
    operation.get_by_role("button", name="Execute").click()
    return operation.locator(".live-responses-table .response")


def test_the_page_shows_every_operation_and_asks_nobody_else(page: Page, watch: Watch) -> None:
    document = page.request.get("/docs/openapi.json").json()
    operations = sum(len(methods) for methods in document["paths"].values())
    expect(page.locator(".opblock")).to_have_count(operations)
    expect(page.get_by_role("heading", name=document["info"]["title"])).to_be_visible()
    assert (watch.complaints, watch.elsewhere) == ([], [])


def test_somebody_registers_signs_in_and_reads_their_orders_without_leaving_the_page(page: Page, watch: Watch) -> None:
    account = json.dumps({"email": f"{uuid.uuid4().hex}@example.com", "password": "long enough"})
    for summary, status in (("Register", "201"), ("Sign in", "200")):
        operation = opened(page, summary)
        operation.locator("textarea").fill(account)
        expect(answer(operation)).to_contain_text(status)
    orders = answer(opened(page, "The caller's own orders, the newest first"))
    expect(orders).to_contain_text("200")
    expect(orders).to_contain_text('"items"')
    assert (watch.complaints, watch.elsewhere) == ([], [])

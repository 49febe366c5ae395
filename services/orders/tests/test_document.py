"""The OpenAPI document of orders."""

from services.common.tests import documents
from services.orders import app


def test_it_holds_what_every_document_does() -> None:
    documents.check(app.outline())

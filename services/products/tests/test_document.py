"""The OpenAPI document of products."""

from services.common.tests import documents
from services.products import app


def test_it_holds_what_every_document_does() -> None:
    documents.check(app.outline())

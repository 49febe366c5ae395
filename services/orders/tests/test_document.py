"""The OpenAPI document of orders."""

from services.common.tests import configured, documents
from services.orders import app


def test_it_holds_what_every_document_does() -> None:
    documents.check(app.outline())


def test_its_settings_stand_in_the_reference_with_their_defaults() -> None:
    configured.check("orders", app.OrdersSettings)

"""The OpenAPI document of users."""

from services.common.tests import configured, documents
from services.users import app


def test_it_holds_what_every_document_does() -> None:
    documents.check(app.outline())


def test_its_settings_stand_in_the_reference_with_their_defaults() -> None:
    configured.check("users", app.UsersSettings)

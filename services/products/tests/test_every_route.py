"""No route of products keeps another from answering."""

from contextlib import closing

from services.common.tests.saturation import unanswered
from services.products.app import ProductsSettings, build


def test_while_one_route_is_held_up_every_other_answers(sqlite_url: str) -> None:
    settings = ProductsSettings(database_url=sqlite_url, port=0, users_url="http://127.0.0.1:9")
    with closing(build(settings)) as app:
        assert not unanswered(app)

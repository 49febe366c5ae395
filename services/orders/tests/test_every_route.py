"""No route of orders keeps another from answering."""

from contextlib import closing

from services.common.tests.saturation import unanswered
from services.orders.app import OrdersSettings, build

NOBODY = "http://127.0.0.1:9"


def test_while_one_route_is_held_up_every_other_answers(sqlite_url: str) -> None:
    settings = OrdersSettings(database_url=sqlite_url, port=0, users_url=NOBODY, products_url=NOBODY)
    with closing(build(settings)) as app:
        assert not unanswered(app)

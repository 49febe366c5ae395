"""Each timeout ends before the one around it."""

from itertools import pairwise

from services.common.runtime.timeouts import TIMEOUTS
from services.common.tests import configured

GATEWAY_READ = 5.0
GATEWAY_IDLE = 15.0


def test_each_ends_before_the_one_around_it() -> None:
    own = [TIMEOUTS.connect, TIMEOUTS.attempt, TIMEOUTS.call, TIMEOUTS.peers, TIMEOUTS.handler]
    chain = [*own, GATEWAY_READ, TIMEOUTS.drain_grace, TIMEOUTS.stop_grace]
    assert all(inner < outer for inner, outer in pairwise(chain))


def test_a_handler_has_time_for_its_peers_and_the_database() -> None:
    assert TIMEOUTS.peers + TIMEOUTS.database_busy <= TIMEOUTS.handler


def test_a_retry_fits_into_a_call() -> None:
    assert TIMEOUTS.attempt < TIMEOUTS.call < 2 * TIMEOUTS.attempt


def test_the_gateway_ends_idle_connections_first() -> None:
    assert TIMEOUTS.channel_timeout > GATEWAY_IDLE


def test_the_document_has_camel_case_names() -> None:
    document = TIMEOUTS.document()
    assert document["databaseBusy"] == 1.5 and document["drainGrace"] == 8.0 and document["connect"] == 0.3


def test_the_reference_has_each_with_its_seconds() -> None:
    assert {name: float(seconds) for name, seconds, _ in configured.rows("Timeouts")} == TIMEOUTS.document()

"""How long requests waited, by clocks that differ, step, and are right again."""

import pytest

from services.common.runtime.waits import SETTLED, Waits

NOW = 1_790_000_000.0
GATEWAY, ORDERS = "10.0.0.2", "10.0.0.3"


class Way:
    """From one sender to us: its clock is `ahead` of ours, and what it sends arrives after a while."""

    def __init__(self, waits: Waits, address: str = GATEWAY, ahead: float = 0.0) -> None:
        self.waits, self.address, self.ahead = waits, address, ahead

    def sent(self, at: float, arrives: float) -> float:
        """Seconds of waiting of a request sent at `at` and received at `arrives`, by our monotonic clock."""
        waited = self.waits.waited(self.address, f"t={NOW + at + self.ahead:.3f}", arrives)
        assert waited is not None
        return round(waited, 2)

    def each(self, *arrivals: float, late: float = 0.0) -> list[float]:
        return [self.sent(at - late, at) for at in arrivals]


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.mark.parametrize("ahead", [0.0, -1.1, 1.1, -30, 3600, -86_400 * 365])
def test_a_constant_difference_is_no_waiting_and_hides_none(waits: Waits, ahead: float) -> None:
    gateway = Way(waits, ahead=ahead)
    assert gateway.each(0.0, 0.1, 5.0, 30.0) == [0.0] * 4
    assert gateway.sent(at=31.0, arrives=32.5) == 1.5


@pytest.mark.parametrize("stamp", [None, "", "t=", "1732312345.123", "t=abc", "t=1e9", "t=99999999999999", "t=-1"])
def test_without_a_stamp_nobody_knows(waits: Waits, stamp: str | None) -> None:
    assert waits.waited(GATEWAY, stamp, 0.0) is None


def test_what_comes_all_at_once_after_a_pause_has_waited(waits: Waits) -> None:
    gateway = Way(waits, ahead=-7)
    gateway.each(0.0, 1.0)
    assert [gateway.sent(at, arrives=30.0) for at in (2.0, 15.0, 28.5)] == [28.0, 15.0, 1.5]
    assert gateway.each(30.1, 30.2) == [0.0, 0.0]


@pytest.mark.parametrize("step", [-1.5, -30.0])
def test_a_clock_set_back_is_noticed_within_twice_the_time(waits: Waits, step: float) -> None:
    gateway = Way(waits)
    gateway.each(*(tenth / 10 for tenth in range(100)))
    gateway.ahead = step
    said = {tenth / 10: gateway.sent(tenth / 10, tenth / 10) for tenth in range(100, 200)}
    late = [at for at, waited in said.items() if waited]
    assert late and max(late) - 10.0 <= 2 * SETTLED
    assert gateway.sent(at=20.0, arrives=21.5) == 1.5


@pytest.mark.parametrize("step", [0.5, 1.5, 30.0, 86_400, -61.0, -86_400])
def test_a_clock_set_ahead_or_far_back_is_noticed_at_once(waits: Waits, step: float) -> None:
    gateway = Way(waits)
    gateway.each(0.0, 1.0)
    gateway.ahead = step
    assert gateway.each(1.1, 1.2) == [0.0, 0.0]


def test_each_sender_has_a_clock_of_its_own(waits: Waits) -> None:
    gateway, orders = Way(waits), Way(waits, ORDERS, ahead=2.0)
    for at in (0.0, 1.0, 2.0, 3.0):
        assert (gateway.sent(at, at), orders.sent(at, at)) == (0.0, 0.0)
    assert (gateway.sent(4.0, 5.5), orders.sent(4.0, 5.5)) == (1.5, 1.5)


def test_a_clock_that_drifts_is_followed(waits: Waits) -> None:
    gateway, said = Way(waits), []
    for second in range(600):
        gateway.ahead = -0.001 * second
        said.append(gateway.sent(second, second))
    assert max(said) < 0.01

"""The plan of the endurance, as it is given on the command line."""

from __future__ import annotations

import pytest

from features.support.load.rounds import Plan


def test_what_is_not_given_has_a_default() -> None:
    given = Plan.read({"rounds": "40", "seed": "7", "stack": "verify"})
    assert given == Plan(rounds=40, customers=8, seed=7)


@pytest.mark.parametrize("given", [{"rounds": "many"}, {"rounds": "0"}, {"customers": "1"}])
def test_a_plan_that_proves_nothing_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Plan.read(given)

"""What is no number is told in plain words."""

from __future__ import annotations

import click
import pytest

from ops.cli import cli


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (["fault", "latency", "orders:users", "--ms", "abc"], "'abc' is not a valid number."),
        (["fault", "status", "orders:users", "--code", "abc"], "'abc' is not a valid whole number."),
        (["verify", "--lanes", "abc"], "'abc' is not a valid whole number."),
        (["up", "--port", "1.5"], "'1.5' is not a valid whole number."),
        (["up", "--port", "99999"], "99999 is not in the range 0<=x<=65535."),
    ],
)
def test_it_is_refused(call: list[str], why: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        cli.main(call, standalone_mode=False)
    assert refused.value.message == why

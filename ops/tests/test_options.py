"""Options that cannot be as they are given are refused in plain words."""

from __future__ import annotations

import click
import pytest

from ops.cli import cli
from ops.errors import WrongUsage


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (["fault", "latency", "orders:users", "--ms", "abc"], "'abc' is not a valid number."),
        (["fault", "status", "orders:users", "--code", "abc"], "'abc' is not a valid whole number."),
        (["verify", "--workers", "abc"], "'abc' is not a valid whole number."),
        (["up", "--port", "1.5"], "'1.5' is not a valid whole number."),
        (["up", "--port", "99999"], "99999 is not in the range 0<=x<=65535."),
    ],
)
def test_it_is_refused(call: list[str], why: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        cli.main(call, standalone_mode=False)
    assert refused.value.message == why


@pytest.mark.parametrize("command", ["verify", "smoke"])
@pytest.mark.parametrize("own", [("--stack", "compose"), ("--name", "mine")])
def test_a_url_beside_a_stack_of_ours_is_refused(command: str, own: tuple[str, str]) -> None:
    with pytest.raises(WrongUsage, match=f"^--base-url is a stack that somebody else brought up and {own[0]} one of"):
        cli.main([command, "--base-url", "http://127.0.0.1:1", *own], standalone_mode=False)

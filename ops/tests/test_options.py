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
        (["fault", "latency", "orders:users", "--ms", "nan"], "'nan' is not a valid number."),
        (["bench", "--rate", "nan"], "'nan' is not a valid number."),
        (["bench", "--rate", "inf"], "inf is not in the range 0<x<=100000."),
        (["bench", "--rate", "0"], "0.0 is not in the range 0<x<=100000."),
        (["fault", "killed", "orders", "--for", "99999999999m"], "'99999999999m' is longer than a year, 527040m"),
        (["up", "--scale", "orders"], "'orders' is not SERVICE=NUMBER with a number from 1 to 16"),
        (["up", "--scale", "orders=0"], "'orders=0' is not SERVICE=NUMBER with a number from 1 to 16"),
        (["verify", "--scale", "orders=-1"], "'orders=-1' is not SERVICE=NUMBER with a number from 1 to 16"),
        (["bench", "--scale", "orders=2", "--scale", "orders=3"], "a service is named twice"),
    ],
)
def test_it_is_refused(call: list[str], why: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        cli.main(call, standalone_mode=False)
    assert refused.value.message == why


ON_SQLITE = "cannot have 2 replicas: a SQLite file belongs to one process; use --database postgres or postgresql://$"


@pytest.mark.parametrize("command", ["up", "verify", "bench"])
@pytest.mark.parametrize(
    ("service", "why"),
    [
        ("orders", f"^orders {ON_SQLITE}"),
        ("gateway", "^gateway cannot have 2 replicas: it is the gateway, whose port there is once$"),
        ("users-migrate", "^users-migrate cannot have 2 replicas: it is a job, which runs once and ends$"),
        ("nothing", "^there is no service 'nothing'; there are users, products, orders, gateway$"),
    ],
)
def test_of_some_there_can_be_no_more_than_one(command: str, service: str, why: str) -> None:
    with pytest.raises(WrongUsage, match=why):
        cli.main([command, "--name", "t-scale", "--scale", f"{service}=2"], standalone_mode=False)


@pytest.mark.parametrize("command", ["verify", "smoke"])
@pytest.mark.parametrize("own", [("--stack", "compose"), ("--name", "mine")])
def test_a_url_beside_a_stack_of_ours_is_refused(command: str, own: tuple[str, str]) -> None:
    with pytest.raises(WrongUsage, match=f"^--base-url names a stack that runs elsewhere, {own[0]} one that"):
        cli.main([command, "--base-url", "http://127.0.0.1:1", *own], standalone_mode=False)

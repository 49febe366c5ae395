"""A rolling restart: what is put back when, and old and new versions at once on PostgreSQL, asked all the while."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ops.api import output
from ops.errors import StackNotReady, WrongUsage
from ops.provision import postgresql
from ops.stacks import rolling
from ops.stacks.layout import ROOT, Layout
from ops.stacks.local.stack import LocalStack
from ops.stacks.model import UpOptions
from ops.stacks.parts import Part
from ops.stacks.swarm.stack import SwarmStack
from ops.system import current, read
from ops.tests.compose.conftest import QUIET
from ops.tests.compose.trees import copied, replace
from ops.tests.customers import all_of, customers, noting, stored, token

CHANNELS = """
import os, psycopg
print(*psycopg.connect(os.environ["DATABASE_URL"]).execute("SELECT DISTINCT channel FROM orders"))
"""
REPLICAS = [Part("orders"), Part("orders", 2)]


@dataclass
class Deeds:
    """A rollout that notes what is done, and fails at one deed."""

    fails: str = ""
    error: type[BaseException] = StackNotReady
    done: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        self._do("prepare")

    def replace(self, part: Part) -> None:
        self._do(str(part))

    def put_back(self) -> None:
        self._do("put back")

    def finish(self) -> None:
        self._do("finish")

    def _do(self, deed: str) -> None:
        self.done.append(deed)
        if deed == self.fails:
            raise self.error(deed)


@pytest.mark.parametrize(
    ("fails", "done"),
    [
        ("", ["prepare", "orders", "orders.2", "finish"]),
        ("prepare", ["prepare", "put back"]),
        ("orders", ["prepare", "orders", "put back"]),
        ("orders.2", ["prepare", "orders", "orders.2", "put back"]),
    ],
)
def test_all_replicas_are_replaced_in_turn_or_put_back(fails: str, done: Sequence[str]) -> None:
    for error in (StackNotReady, KeyboardInterrupt):
        deeds = Deeds(fails, error)
        if fails:
            with pytest.raises(error):
                rolling.roll(deeds, REPLICAS)
        else:
            rolling.roll(deeds, REPLICAS)
        assert deeds.done == done


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nobody", "there is no service 'nobody'; there are users, products, orders, gateway"),
        ("orders.2", "there is no service 'orders.2'"),
        ("gateway", "gateway is the only way in"),
        ("orders-migrate", "orders-migrate is a job"),
    ],
)
def test_what_is_not_restarted_is_refused_with_the_reason(name: str, why: str) -> None:
    rolling.require_service(current(), "orders")
    with pytest.raises(WrongUsage, match=why):
        rolling.require_service(current(), name)


def test_a_name_alone_is_the_first_replica_there_is() -> None:
    later = [Part("orders", 2), Part("orders", 3)]
    assert [Part.parse(text, later) for text in ("orders", "orders.3")] == later
    assert [Part.parse(text, REPLICAS) for text in ("orders", "orders.1")] == [Part("orders")] * 2
    with pytest.raises(WrongUsage, match="there are orders.2, orders.3"):
        Part.parse("orders.1", later)


def test_swarm_has_rolling_updates_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="python3 -m ops up --stack swarm --name t"):
        SwarmStack(Layout("t", tmp_path), {}).rollout("orders", QUIET)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, for releases of its own."""
    tree = copied(tmp_path_factory.mktemp("tree"))
    shutil.copy(ROOT / "docker-compose.postgres.yml", tree)
    return tree


@pytest.fixture(scope="module")
def stack(tree: Path) -> Iterator[LocalStack]:
    """On PostgreSQL, with two replicas of orders; not in a folder of pytest's, where no other user finds its data."""
    if not postgresql.find():
        pytest.skip(postgresql.INSTALL)
    stack = LocalStack(Layout("t-rolling"), dict(os.environ), read(tree / "docker-compose.yml", "postgres"))
    try:
        stack.up(UpOptions(0, scale={"orders": 2}), QUIET)
        yield stack
    finally:
        stack.down()


def processes(stack: LocalStack) -> list[str]:
    return [stack.parts.see(part).run for part in REPLICAS]


@pytest.mark.whole
def test_a_release_that_adds_a_column_is_rolled_out_while_customers_order(stack: LocalStack, tree: Path) -> None:
    orders = tree / "services" / "orders"
    column = "ALTER TABLE orders ADD COLUMN channel TEXT NOT NULL DEFAULT 'before';\n"
    (orders / "migrations" / "0002_channel.sql").write_text(column)
    replace(
        orders / "store.py",
        "    created_at = peewee.BigIntegerField()\n",
        "    created_at = peewee.BigIntegerField()\n    channel = peewee.TextField()\n",
    )
    replace(orders / "store.py", "for column in _COLUMNS})", 'for column in _COLUMNS} | {_Order.channel: "new"})')
    before, by, acknowledged = processes(stack), token(stack.base_url), list[str]()
    with customers(stack.base_url, 4, noting(acknowledged), by) as asking:
        rolling.restart(stack, "orders", QUIET)
    assert set(all_of(asking)) == {201}
    assert stored(stack.base_url, by) == sorted(acknowledged)
    assert len({*before, *processes(stack)}) == 4
    assert {"('before',)", "('new',)"} == {*output(stack, "orders", "python", "-c", CHANNELS).split()}


@pytest.mark.whole
def test_a_release_that_does_not_get_ready_is_rolled_back_and_named(stack: LocalStack, tree: Path) -> None:
    door = tree / "services" / "orders" / "__main__.py"
    replace(door, "sys.exit(door(", "sys.exit('nobody is at the door') if len(sys.argv) < 2 else sys.exit(door(")
    before, by, acknowledged = processes(stack), token(stack.base_url), list[str]()
    with customers(stack.base_url, 4, noting(acknowledged), by) as asking, pytest.raises(StackNotReady) as refused:
        rolling.restart(stack, "orders", QUIET)
    assert set(all_of(asking)) == {201}
    assert stored(stack.base_url, by) == sorted(acknowledged)
    assert processes(stack) == before
    said = str(refused.value)
    assert said.startswith("orders is rolled back to the version before: orders.3 ended before it was ready")
    assert said.endswith("now orders is running, orders.2 is running")
    assert refused.value.log[-1] == "nobody is at the door"

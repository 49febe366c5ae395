"""Files of a stack that are kept as evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.stacks.evidence import MOST, copy
from ops.stacks.layout import Layout
from ops.stacks.local.stack import LocalStack
from ops.tests.shop import SOURCE
from ops.tests.shop import rendered as render

pytestmark = pytest.mark.whole


def test_of_a_gateway_its_configuration_and_logs_are_kept_without_its_pages(tmp_path: Path) -> None:
    layout, kept = Layout("made-up", tmp_path), tmp_path / "kept"
    layout.make()
    upstreams = {name: ["127.0.0.1:2"] for name in ("users", "products", "orders")}
    render(layout.gateway, listen="127.0.0.1:1", upstreams=upstreams)
    (layout.gateway / "logs" / "access.log").write_text("Authorization: Bearer abcdefghijklmnopqrstuvw\n")

    LocalStack(layout, {}).keep_evidence(kept)

    gateway = kept / "gateway"
    assert (gateway / "nginx.conf").read_text() == (SOURCE / "nginx.conf").read_text()
    assert "abcdef" not in (gateway / "logs" / "access.log").read_text()
    assert {path.name for path in gateway.iterdir()} == {"nginx.conf", "includes", "logs", "stack"}


def test_of_a_long_log_whole_lines_from_its_end_are_kept(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    line = "x" * 999 + "\n"
    (tmp_path / "logs" / "long.log").write_text(line * (MOST // 1000 + 500))
    copy(tmp_path / "logs", tmp_path / "kept")
    first, *rest = (tmp_path / "kept" / "long.log").read_text().splitlines()
    assert first == f"… {1000 * (MOST // 1000 + 500 - len(rest))} bytes before this are left out"
    assert {*rest} == {line.rstrip()} and len(rest) == MOST // 1000

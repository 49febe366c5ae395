"""What Prometheus gets, and what docs/metrics.md says of it."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.common.runtime.metrics import Metrics
from services.common.tests import configured


@pytest.fixture
def labels() -> dict[str, set[str]]:
    """Of each sample that a service with a request and a call gives, by its name."""
    metrics = Metrics()
    metrics.answered("GET", "/things", 200, 0.1)
    metrics.peer_called("peer", None, 1)
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


def test_the_page_has_the_labels_of_each(labels: dict[str, set[str]]) -> None:
    kinds = configured.metrics()
    told = {f"{name}_count" if kind == "histogram" else name: own for name, (kind, own) in kinds.items() if own}
    assert told == {name: own for name, own in labels.items() if name in told}
    assert {name for name, (_, own) in kinds.items() if not own} == {"log_lines_dropped_total"}


def test_alerts_ask_for_what_there_is(labels: dict[str, set[str]]) -> None:
    asked = configured.asked_in_alerts()
    assert len(asked) >= 5
    assert [one for one in asked if one[1] not in labels.get(one[0], set())] == []

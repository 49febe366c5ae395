import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops.tests.shop import SHOP
from ops.trace import logs, search
from ops.trace.text import line_text

ID = "orders.place_order.L12.3-20261122-230501-k3f"


def written(path: Path, *lines: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


def request(request_id: str, second: int, ms: float = 1.0, **more: Any) -> dict[str, Any]:
    ts = f"2026-11-23T00:00:{second:02d}.000Z"
    return {"ts": ts, "event": "request", "service": "orders", "requestId": request_id, "durationMs": ms, **more}


def test_only_lines_about_the_request_are_found(tmp_path: Path) -> None:
    log = written(
        tmp_path / "orders.log",
        request(ID, 1),
        request(f"{ID}0", 2),
        request("other", 3, detail=ID),
        {"event": "cut", "service": "orders", "requestId": ID},
        f"{ID} in plain text",
        f"{ID}0 in plain text",
    )
    assert [line["event"] for line in search.find([log], ID)] == ["request", "cut", "text"]


def test_a_containers_folder_names_the_replica(tmp_path: Path) -> None:
    file = written(tmp_path / "orders.2-b2e7b6bcac9a" / "orders.log", request(ID, 1))
    assert [line["replica"] for line in search.find([file], ID)] == ["orders.2"]
    assert [
        line["replica"] for line in search.find([written(tmp_path / "logs" / "orders.log", request(ID, 1))], ID)
    ] == [None]


def test_a_processs_file_names_the_replica_but_for_the_first(tmp_path: Path) -> None:
    files = [written(tmp_path / name, request(ID, 1)) for name in ("orders.log", "orders.2.log", "access.log")]
    assert [(line["service"], line["replica"]) for line in search.find(files, ID)] == [
        ("orders", None),
        ("orders", "orders.2"),
        ("orders", None),
    ]
    plain = written(tmp_path / "orders.2.log", "plain text")
    assert [line_text(line).split()[0] for line in logs.lines([plain])] == ["orders.2"]


def test_a_line_is_left_until_it_is_whole(tmp_path: Path) -> None:
    log = written(tmp_path / "orders.log", request(ID, 1))
    with log.open("a") as more:
        more.write(json.dumps(request(ID, 2)))
    assert len(search.find([tmp_path / "none.log", log], ID)) == 1


@pytest.mark.parametrize("size", [1, 7, 64, 200, 1000, 1 << 20])
def test_lines_that_lie_across_what_is_read_at_once(tmp_path: Path, size: int) -> None:
    log = written(tmp_path / "orders.log", *(request(ID if n % 3 else "other", n) for n in range(30)))
    assert len(search.find([log], ID, size)) == 20


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Path]:
    log, done = tmp_path / "orders.log", threading.Event()

    def write() -> None:
        with log.open("a", buffering=1 << 16) as file:
            while not done.is_set():
                file.write(json.dumps(request("other", 1)) + "\n")

    written(log, request(ID, 1))
    thread = threading.Thread(target=write)
    thread.start()
    yield log
    done.set()
    thread.join()


def test_a_log_that_grows_faster_than_a_service_writes(growing: Path) -> None:
    for _ in range(5):
        assert len(search.find([growing], ID)) == 1
        (line,) = search.newest([growing], "orders.*", 5)
        assert line["requestId"] == ID


def test_the_newest_where_fields_have_other_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = replace(SHOP, logs={"requestId": "req", "ts": "when", "event": "msg"})
    for module in ("search", "logs"):
        monkeypatch.setattr(f"ops.trace.{module}.current", lambda: theirs)
    log = written(tmp_path / "desk.log", {"when": "2026-11-23T00:00:01Z", "msg": "request", "req": "a.1", "path": "/x"})
    (line,) = search.newest([log], "a.*", 5)
    assert (line["requestId"], line["ts"], line["service"]) == ("a.1", "2026-11-23T00:00:01Z", "desk")


def test_the_newest_of_the_ids_that_match(tmp_path: Path) -> None:
    orders = written(
        tmp_path / "orders.log",
        *(request(f"a.{n}", n) for n in range(30)),
        request("a.27", 40),
        request("b.1", 41),
        request("a.30", 42),
    )
    access = written(tmp_path / "access.log", *(request(f"a.{n}", n, 9.0) for n in range(30)))
    found = [(line["requestId"], line["durationMs"]) for line in search.newest([orders, access], "a.*", 3)]
    assert found == [("a.30", 1.0), ("a.27", 9.0), ("a.29", 9.0)]


@pytest.mark.parametrize("size", [1, 7, 64, 200, 1000, 1 << 20])
def test_the_newest_of_a_log_that_is_read_from_its_end(tmp_path: Path, size: int) -> None:
    log = written(tmp_path / "orders.log", *(request(f"a.{n % 40}", n) for n in range(60)))
    with log.open("a") as more:
        more.write(json.dumps(request("a.unfinished", 61)))
    found = [line["requestId"] for line in search.newest([tmp_path / "none.log", log], "a.*", 25, size)]
    assert found == [f"a.{n % 40}" for n in range(59, 34, -1)]


@pytest.mark.parametrize(
    ("pattern", "ids"),
    [
        ("*", "ab.c xab.c abxc-long"),
        ("ab.*", "ab.c"),
        ("*b.c", "ab.c xab.c"),
        ("ab.*-long", ""),
        ("a*", "ab.c abxc-long"),
    ],
)
def test_a_star_stands_for_any_characters_and_nothing_else_for_other_than_itself(
    tmp_path: Path, pattern: str, ids: str
) -> None:
    log = written(tmp_path / "orders.log", *(request(name, 1) for name in ("ab.c", "xab.c", "abxc-long")))
    assert {str(line["requestId"]) for line in search.newest([log], pattern, 5)} == set(ids.split())

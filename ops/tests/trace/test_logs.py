import json
from pathlib import Path

from ops.trace.logs import Tail, lines

ID = "orders.place_order.L12.3-20261122-230501-k3f"


def written(path: Path, *lines: object) -> Path:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


def test_lines_are_found_by_request_id_across_files(tmp_path: Path) -> None:
    gateway = written(
        tmp_path / "access.log", {"service": "gateway", "requestId": ID}, {"service": "gateway", "requestId": "x"}
    )
    orders = written(
        tmp_path / "orders.log", {"event": "request", "requestId": ID, "status": 201}, {"event": "listening"}
    )

    found = list(lines([gateway, orders], "orders.place_order.L12.*-20261122-230501-k3f"))

    assert found == [
        {"service": "gateway", "event": "", "requestId": ID},
        {"service": "orders", "event": "request", "requestId": ID, "status": 201},
    ]


def test_what_stands_in_brackets_is_one_letter_of_several(tmp_path: Path) -> None:
    orders = written(tmp_path / "orders.log", {"requestId": "smoke-1"}, {"requestId": "smoke-4"})

    assert [line["requestId"] for line in lines([orders], "s*-[12345]")] == ["smoke-1", "smoke-4"]


def test_without_a_request_id_every_line_comes(tmp_path: Path) -> None:
    orders = written(tmp_path / "orders.log", {"event": "listening"}, "Traceback (most recent call last):", "", [1])

    assert [line["event"] for line in lines([orders])] == ["listening", "text", "text"]


def test_plain_text_that_names_the_request_is_found_too(tmp_path: Path) -> None:
    error = written(
        tmp_path / "error.log", "2026/11/22 [error] connect() failed, other", f"2026/11/22 [error] {ID} refused"
    )

    assert list(lines([error], "orders.place_order.*")) == [
        {"service": "gateway", "event": "text", "text": f"2026/11/22 [error] {ID} refused"}
    ]


def test_plain_text_has_the_time_of_the_line_before_it_at_the_start_of_the_line_after_it(tmp_path: Path) -> None:
    log = written(tmp_path / "users.log", "Warning", {"ts": "T1"}, "Traceback", f"  {ID}", {"ts": "T2"})
    alone = written(tmp_path / "orders.log", "ImportError")

    assert [line.get("ts") for line in lines([log, alone])] == ["T1", "T1", "T1", "T1", "T2", None]
    assert [line["ts"] for line in lines([log], ID)] == ["T1"]


def test_a_text_line_is_no_match_for_an_id_it_does_not_hold(tmp_path: Path) -> None:
    log = written(
        tmp_path / "users.log", {"event": "a", "requestId": None}, {"event": "b", "detail": ID}, {"event": "c"}
    )

    assert list(lines([log], ID)) == []


def test_a_file_may_be_missing_and_a_line_half_written(tmp_path: Path) -> None:
    log = tmp_path / "users.log"
    log.write_text(json.dumps({"event": "a"}) + "\n" + '{"event": "b"')

    assert [line["event"] for line in lines([tmp_path / "none.log", log])] == ["a"]


def test_the_bytes_of_a_log_may_be_anything(tmp_path: Path) -> None:
    log = tmp_path / "users.log"
    log.write_bytes(b"\xff\xfe\n\x00\n")

    assert [line["text"] for line in lines([log])] == ["\ufffd\ufffd", "\x00"]


def test_a_file_that_goes_while_it_is_followed_has_no_news(tmp_path: Path) -> None:
    class Going(type(tmp_path)):  # type: ignore[misc]
        """It is there when one asks, and gone a moment later."""

        def is_file(self) -> bool:
            return True

    there = written(tmp_path / "users.log", {"requestId": "one-12345", "event": "it"})
    assert [line["event"] for line in Tail().news([Going(tmp_path / "gone.log"), there])] == ["it"]

"""What is said to fault proxies and what they answer, over `docker exec`, each of them by its container."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

from docker import DockerClient
from docker.errors import APIError

RELAY = ["python3", "-P", "-m", "ops.faults.proxy.relay"]
WITHIN = 15.0
"""Seconds that a proxy has to answer."""

FRAME = struct.Struct(">BxxxL")
"""What the engine puts before each piece of output: the stream, and the length."""

Reply: TypeAlias = tuple[int, dict[str, Any]]


class Conversations:
    """One with each proxy that was asked something, kept open."""

    def __init__(self, client: DockerClient) -> None:
        self._client = client
        self._open: dict[str, Conversation] = {}

    def ask(
        self, proxies: Sequence[Any], method: str, path: str, order: Mapping[str, Any] | None = None
    ) -> list[Reply]:
        """What each answers; one that is gone meanwhile answers nothing."""
        with ThreadPoolExecutor(max(1, len(proxies))) as pool:
            replies = pool.map(lambda proxy: self._ask(proxy.id, method, path, order), proxies)
        return [reply for reply in replies if reply]

    def close(self) -> None:
        """End all."""
        for one in list(self._open.values()):
            one.stream.close()
        self._open.clear()

    def _ask(self, proxy: str, *request: Any) -> Reply | None:
        """Its answer, asked again where the conversation has ended and the proxy has not."""
        known = self._open.get(proxy)
        used = known
        try:
            used = known or self._opened(proxy)
            return used.ask(*request)
        except (APIError, OSError, ValueError):
            if used:
                self._end(proxy, used)
        return self._ask(proxy, *request) if known else None

    def _opened(self, proxy: str) -> Conversation:
        """Another thread may have opened one meanwhile."""
        own = Conversation(self._client, proxy)
        kept = self._open.setdefault(proxy, own)
        if kept is not own:
            own.stream.close()
        return kept

    def _end(self, proxy: str, one: Conversation) -> None:
        if self._open.get(proxy) is one:
            self._open.pop(proxy, None)
        one.stream.close()


class Conversation:
    """Requests to the control socket of one proxy, over `docker exec`: nothing of it is on a network.

    Several threads may ask; they take turns.
    """

    def __init__(self, client: DockerClient, container: str) -> None:
        """Raises docker.errors.APIError for one that is gone."""
        started = client.api.exec_create(container, RELAY, stdin=True)
        self.stream = Stream(client.api.exec_start(started["Id"], socket=True))
        self._turn = threading.Lock()

    def ask(self, method: str, path: str, order: Mapping[str, Any] | None) -> Reply:
        """Raises OSError, ValueError when the proxy has ended."""
        with self._turn:
            self.stream.send(json.dumps([method, path, order]).encode() + b"\n")
            status, answer = json.loads(self.stream.read_line())
        return status, answer


class Stream:
    """Standard input and output of a process in a container, as long as it is open."""

    def __init__(self, opened: Any) -> None:
        self._opened = opened
        self._socket = getattr(opened, "_sock", opened)
        self._socket.settimeout(WITHIN)

    def send(self, data: bytes) -> None:
        """To its standard input. Raises OSError."""
        self._socket.sendall(data)

    def read_line(self) -> str:
        """What comes until the end of a line, or the end. Raises OSError."""
        said = b""
        while not said.endswith(b"\n") and (head := self._read(FRAME.size)):
            said += self._read(FRAME.unpack(head)[1])
        return said.decode(errors="replace")

    def _read(self, size: int) -> bytes:
        """So many bytes, or nothing at the end."""
        data = b""
        while len(data) < size:
            if not (piece := self._socket.recv(size - len(data))):
                return b""
            data += piece
        return data

    def close(self) -> None:
        """Its standard input ends."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._opened.close()
        self._socket.close()

    __del__ = close


def merged(answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One answer of those of several proxies."""
    if "faults" in answers[0]:
        by_id: dict[str, list[dict[str, Any]]] = {}
        for fault in (one for answer in answers for one in answer["faults"]):
            by_id.setdefault(fault["id"], []).append(fault)
        return {"faults": [_summed(same) for same in by_id.values()]}
    if "attempts" in answers[0]:
        return {
            "attempts": sorted((one for answer in answers for one in answer["attempts"]), key=lambda one: one["ts"])
        }
    for name in {"links", "stalls"} & set(answers[0]):
        return {name: sorted({one for answer in answers for one in answer[name]})}
    return _summed(answers)


def _summed(faults: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The same fault at several replicas; their attempts are numbered apart."""
    first, *others = faults
    if not others:
        return first
    held = [fault["heldMs"] for fault in faults if fault["heldMs"] is not None]
    counted = {name: sum(fault[name] for fault in faults) for name in ("fired", "took", "missed", "others")}
    return {**first, **counted, "heldMs": min(held, default=None), "since": 0}

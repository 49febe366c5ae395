"""Two and a half times what a service can do, at fixed times: it goes on doing what it can."""

import asyncio
import time
from pathlib import Path

import psutil
import pytest

from services.common.runtime.server import SHARED_THREADS
from services.common.runtime.timeouts import TIMEOUTS
from services.common.tests.processes import Running, running

pytestmark = [pytest.mark.whole, pytest.mark.measures]

SAMPLE = "services.common.tests.sample"
TAKES = 0.1
SECONDS = 10
LATE = 0.5
MIB = 1024 * 1024

Answer = tuple[int, float, bool]
"""Status, seconds since it was due, and whether it says when to come again."""


async def ask(port: int) -> Answer:
    """As the gateway does: with the time at which it came there."""
    due, begun = time.time(), time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [f"POST /sleep/{TAKES * 1000:.0f} HTTP/1.1", "Host: x", f"X-Request-Start: t={due:.3f}", "Connection: close"]
    writer.write("\r\n".join([*head, "", ""]).encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]), time.monotonic() - begun, b"Retry-After: 1\r\n" in answer


async def capacity(port: int) -> float:
    """Requests a second, of twice as many clients as there are threads, who each wait for their answer."""

    async def again_and_again() -> int:
        answered = 0
        while time.monotonic() < begun + 3:
            status, _, _ = await ask(port)
            answered += status == 200
        return answered

    begun = time.monotonic()
    answered = await asyncio.gather(*(again_and_again() for _ in range(2 * SHARED_THREADS)))
    return sum(answered) / (time.monotonic() - begun)


async def open_loop(port: int, rate: float, seconds: float) -> tuple[list[Answer], float]:
    """Requests that are due at fixed times, however long the answers take; and the seconds by which one was late."""
    begun, late, asked = time.monotonic(), 0.0, []
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        late = max(late, time.monotonic() - due)
        asked.append(asyncio.create_task(ask(port)))
    return await asyncio.gather(*asked), late


async def overloaded(port: int, rate: float) -> tuple[list[Answer], float, list[Answer]]:
    """The answers at 2.5 times `rate`, how long all of them took, and those at half of it, two seconds later."""
    begun = time.monotonic()
    answers, late = await open_loop(port, 2.5 * rate, SECONDS)
    took = time.monotonic() - begun
    if late > LATE:
        pytest.skip(f"the machine is too busy to ask so often: a request was late by {late:.1f} s")
    await asyncio.sleep(2)
    return answers, took, (await open_loop(port, rate / 2, 2))[0]


def memory(service: Running) -> int:
    return int(psutil.Process(service.process.pid).memory_info().rss)


def test_what_is_too_much_is_refused_and_the_rest_is_served(tmp_path: Path) -> None:
    with running(SAMPLE, tmp_path, DATABASE_URL="sqlite:////unused.db", GRACE="8") as service:
        able = asyncio.run(capacity(service.port))
        before = memory(service)
        answers, took, after = asyncio.run(overloaded(service.port, able))
        grown = memory(service) - before
    served = [seconds for status, seconds, _ in answers if status == 200]
    refused = [(seconds, comes_again) for status, seconds, comes_again in answers if status == 503]
    assert refused and len(served) + len(refused) == len(answers)
    assert len(served) / took >= 0.8 * able, f"{len(served) / took:.0f} of {able:.0f} a second"
    assert all(comes_again for _, comes_again in refused)
    assert max(refused)[0] < 2.5 * TIMEOUTS.shed_after
    assert grown < 32 * MIB
    assert {status for status, _, _ in after} == {200}
    assert sorted(seconds for _, seconds, _ in after)[len(after) // 2] < 3 * TAKES

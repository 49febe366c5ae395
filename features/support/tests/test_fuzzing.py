"""Made-up requests to something that is no shop."""

import socket

from features.support.fuzzing import fuzz


def test_a_shop_that_never_answers_ends_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        credentials = {"email": "a@b.test", "password": "correct horse battery"}
        fuzzed = fuzz(f"http://127.0.0.1:{deaf.getsockname()[1]}", credentials, 1, each=1.0)
    assert (fuzzed.requests, fuzzed.found, fuzzed.said) == (0, [], "not over after 1 s")

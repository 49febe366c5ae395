"""Requests that a program makes up."""

from concurrent.futures import ThreadPoolExecutor

from behave import then, when

from features.support import fuzzing

EXAMPLES = 20
"""For each operation, unless `-D fuzz=N` says otherwise; with `-D seconds=N` again and again for so long.

`-D fuzzers=N` lets so many do it at the same time, each with another seed.
"""


@when("everything that the document allows and forbids is tried in their name")
def when_everything_is_tried(context):
    world = context.world
    asked = context.config.userdata
    examples, seconds, fuzzers = (int(asked.get(*one)) for one in (("fuzz", EXAMPLES), ("seconds", 0), ("fuzzers", 1)))

    assert fuzzers > 0, "-D fuzzers=N: at least 1"

    def fuzz(seed):
        url, account = world.stack.base_url, world.me.credentials()
        return fuzzing.fuzz(url, account, examples, seconds=seconds, seed=seed)

    with ThreadPoolExecutor(fuzzers) as crowd:
        world.fuzzed = [*crowd.map(fuzz, range(fuzzing.SEED, fuzzing.SEED + fuzzers))]


@then("no answer is a failure, and each is documented")
def then_no_answer_is_a_failure(context):
    fuzzed = context.world.fuzzed
    requests, found = sum(one.requests for one in fuzzed), sum(len(one.found) for one in fuzzed)
    with context.world.noting(f"{requests} requests, {found} answers that should not be"):
        for one in fuzzed:
            assert one.requests and not one.found, one.said[-4000:]

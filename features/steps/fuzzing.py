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

    def fuzz(seed):
        url, account = world.stack.base_url, world.me.credentials()
        return fuzzing.fuzz(url, account, examples, seconds=seconds, seed=seed)

    with ThreadPoolExecutor(fuzzers) as crowd:
        world.fuzzed = [*crowd.map(fuzz, range(fuzzing.SEED, fuzzing.SEED + fuzzers))]


@then("no answer is a failure, and each is documented")
def then_no_answer_is_a_failure(context):
    for fuzzed in context.world.fuzzed:
        with context.world.noting(f"{fuzzed.requests} requests, {len(fuzzed.found)} answers that should not be"):
            assert fuzzed.requests and not fuzzed.found, fuzzed.said[-4000:]

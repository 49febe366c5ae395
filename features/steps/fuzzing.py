"""Requests that a program makes up."""

from behave import then, when

from features.support import fuzzing

EXAMPLES = 20
"""For each operation, unless `-D fuzz=N` says otherwise."""


@when("everything that the document allows and forbids is tried in their name")
def when_everything_is_tried(context):
    world = context.world
    examples = int(context.config.userdata.get("fuzz", EXAMPLES))
    world.fuzzed = fuzzing.fuzz(world.stack.base_url, world.me.credentials(), examples)


@then("no answer is a failure, and each is documented")
def then_no_answer_is_a_failure(context):
    fuzzed = context.world.fuzzed
    with context.world.noting(f"{fuzzed.requests} requests, {len(fuzzed.found)} answers that should not be"):
        assert fuzzed.requests and not fuzzed.found, fuzzed.said[-4000:]

"""Requests that a program makes up."""

from behave import then, when

from features.support import fuzzing

EXAMPLES = 20
"""For each operation, unless `-D fuzz=N` says otherwise; with `-D seconds=N` again and again for so long."""


@when("everything that the document allows and forbids is tried in their name")
def when_everything_is_tried(context):
    world = context.world
    asked = context.config.userdata
    examples, seconds = int(asked.get("fuzz", EXAMPLES)), int(asked.get("seconds", 0))
    world.fuzzed = fuzzing.fuzz(world.stack.base_url, world.me.credentials(), examples, seconds=seconds)


@then("no answer is a failure, and each is documented")
def then_no_answer_is_a_failure(context):
    fuzzed = context.world.fuzzed
    with context.world.noting(f"{fuzzed.requests} requests, {len(fuzzed.found)} answers that should not be"):
        assert fuzzed.requests and not fuzzed.found, fuzzed.said[-4000:]

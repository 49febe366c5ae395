"""More orders than can be placed."""

from functools import partial

from behave import given, then, when

from features.support.comparing import same, within
from features.support.load.overload import TIMES
from features.support.waiting import pass_time
from ops.api import events, usage

SERVICE = "orders"
MIB = 1024 * 1024
DEADLINE = 504
"""Of an order that was begun too late to be placed in its time."""
PRODUCT = "espresso-cup"


def _orders(world):
    return [partial(world.ledger.order, world.load.shop, customer, PRODUCT, None) for customer in world.people]


@given("it is known how many orders a second can be placed meanwhile")
def given_it_is_known_how_many(context):
    context.world.overload.find_out(_orders(context.world))
    context.world.overload.used.append(usage(context.world.stack, SERVICE))


@when("two and a half times as many come for {seconds:d} seconds, however long the answers take")
def when_more_come(context, seconds):
    world = context.world
    world.overload.come(_orders(world), TIMES, seconds)
    world.overload.used.append(usage(world.stack, SERVICE))
    came = len(world.overload.answers) / seconds
    figures = {"able": world.overload.able, "came": came, "placed": world.overload.placed}
    world.suite.run.journal.write(events.Figures(scenario=world.place.scenario, name="overload", figures=figures))


@then("at least {share:d} % of what can be placed is placed")
def then_what_can_be_is_placed(context, share):
    overload = context.world.overload
    least = overload.able * share / 100
    assert overload.placed >= least, f"{overload.placed:.1f} of {overload.able:.1f} a second"


@then(
    "every other order is refused with 503 within {seconds:d} seconds, nine of ten within {most:g}, "
    "and says when to come again"
)
def then_the_others_are_refused(context, seconds, most):
    refused = [answer for answer in context.world.overload.answers if answer.status not in (201, DEADLINE)]
    assert refused, "none was refused"
    same({answer.status for answer in refused}, {503})
    same({bool(answer.all("Retry-After")) for answer in refused}, {True})
    within(refused, seconds)
    within(sorted(refused, key=lambda answer: answer.ms)[: len(refused) * 9 // 10], most)


@then("at most {share:d} % of all orders begin, and end at a deadline within {seconds:d} seconds")
def then_few_meet_a_deadline(context, share, seconds):
    answers = context.world.overload.answers
    late = [answer for answer in answers if answer.status == DEADLINE]
    assert len(late) <= len(answers) * share / 100, f"{len(late)} of {len(answers)}"
    within(late, seconds)


@then("orders uses no more memory than before, but for {size:d} MiB")
def then_memory_is_bounded(context, size):
    before, after = context.world.overload.used
    grown = (after.memory - before.memory) / MIB
    assert grown <= size, f"{grown:.1f} MiB more"


@then("{pause:d} seconds later half of what can be placed is placed without a refusal, for {seconds:d} seconds")
def then_it_is_over(context, pause, seconds):
    pass_time(pause)
    context.world.overload.come(_orders(context.world), 0.5, seconds)
    same({answer.status for answer in context.world.overload.answers}, {201})

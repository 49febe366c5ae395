"""Somebody else, who takes more than they need."""

from behave import given, then, when

from features.support.comparing import same
from features.support.contract.refusals import REASONS
from features.support.load import crowds


@given("somebody else has begun {number:d} requests and ends none")
def given_somebody_has_begun_requests(context, number):
    context.add_cleanup(context.world.greedy.close)
    context.world.greedy.begin(number)


@when(
    "they order, sign in and ask for the signing keys"
    " while somebody else registers their address over {number:d} connections"
)
def when_somebody_registers_meanwhile(context, number):
    world = context.world
    actions = [
        lambda: world.order(world.me, "espresso-cup"),
        lambda: world.sign_in(world.me.credentials()),
        world.shop.signing_keys,
    ]
    world.answers = crowds.busy(actions, lambda: world.greedy.register(world.me.details(), number))


@then("they are served each time, within {seconds:d} seconds")
def then_they_are_served(context, seconds):
    bad = [answer for answer in context.world.answers if answer.status >= 400 or answer.ms > seconds * 1000]
    assert not bad, f"{len(bad)} of {len(context.world.answers)} are not: {list(map(str, bad[:5]))}"


@then("somebody else is refused each time, most often because too many attempts were made")
def then_somebody_else_is_refused(context):
    statuses = [answer.status for answer in context.world.greedy.answers]
    same(set(statuses) - {409, 429, 503}, set())
    assert statuses.count(429) > len(statuses) / 2, statuses


@then("somebody else is refused because {reason}")
def then_the_greedy_are_refused(context, reason):
    answer = context.world.greedy.shop.products()
    same((answer.status, answer.code), REASONS[reason])

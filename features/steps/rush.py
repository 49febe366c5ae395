"""Many customers for a while, in trouble that lasts."""

from concurrent.futures import ThreadPoolExecutor

from behave import given, then, when

from features.support import customers
from features.support.refusals import REASONS
from ops.api import events

LINK = "orders:products"
AT_A_TIME = 4
MIB = 1024 * 1024
MEMORY = 2 * MIB
POOL = 5
"""Connections that orders has to each of the two services that it asks."""
THREADS = 12
"""Requests that orders answers at a time."""
BESIDES = 8
"""Threads, or connections, of a service that serve no request: for its signals, its keys, its health check.

A look at the connections takes its time, too: some end, and others begin, and it has seen both.
"""
LOOKUPS = 2
"""Threads that look the name of a service up, one for each, and end with that."""
TOO_MUCH_TO_DO = {(503, "unavailable"), (503, "users-unavailable")}


@given("{number:d} signed-in customers")
def given_signed_in_customers(context, number):
    with ThreadPoolExecutor(AT_A_TIME) as crowd:
        context.world.people += crowd.map(customers.signed_in, [context.world.shop] * number)


@given("whenever orders asks products for one of them, it {trouble}")
def given_trouble_for_all(context, trouble):
    context.world.faults.make(LINK, trouble, place=context.world.rush_place)


@when("each orders again and again in {windows:d} windows for {seconds:d} seconds, and others look around")
def when_each_orders_again_and_again(context, windows, seconds):
    world = context.world
    world.rush.last(world.people, windows, seconds)
    figures = events.Figures(scenario=world.place.scenario, name="rush", figures=world.rush.document())
    world.suite.run.journal.write(figures)


@then("every order is refused within {seconds:d} seconds because {reasons}, or there is too much to do")
def then_every_order_is_refused(context, seconds, reasons):
    answers = context.world.rush.ordered
    expected = {REASONS[reason] for reason in reasons.split(", or ")} | TOO_MUCH_TO_DO
    others = [answer for answer in answers if (answer.status, answer.code) not in expected]
    assert answers and not others, f"{len(others)} of {len(answers)} otherwise: {list(map(str, others[:5]))}"
    _within(answers, seconds)


@then("products was asked at most twice for each order, by {number:d} calls at a time")
def then_products_was_asked_at_most_twice(context, number):
    asked, orders = context.world.faults.fired(LINK), len(context.world.rush.ordered)
    assert 0 < asked <= 2 * orders, f"products was asked {asked} times for {orders} orders"
    at_a_time = context.world.faults.at_a_time(LINK)
    assert at_a_time < number + 1, f"on the average {at_a_time:.1f} calls were under way"


@then("orders has not grown: its memory, its threads, its connections")
def then_orders_has_not_grown(context):
    rush = context.world.rush
    growth, most, before = rush.growth(), rush.most(), rush.used[0]
    found = f"from {before} to at most {most}, at the end by {growth}"
    assert growth.memory <= MEMORY, f"its memory grew {found}"
    assert growth.threads <= LOOKUPS and most.threads <= THREADS + BESIDES, f"its threads grew {found}"
    assert most.outgoing <= 2 * POOL + BESIDES, f"its connections grew {found}"
    assert most.incoming <= before.incoming + rush.windows + BESIDES, f"the connections to it grew {found}"


@then("the others are all served, each within {seconds:d} seconds")
def then_the_others_are_served(context, seconds):
    answers = context.world.rush.looked
    refused = [answer for answer in answers if answer.status >= 400]
    assert answers and not refused, f"{len(refused)} of {len(answers)} refused: {list(map(str, refused[:5]))}"
    _within(answers, seconds)


@then("the first order once products is back is accepted")
def then_the_first_order_is_accepted(context):
    context.world.faults.mend()
    answer = context.world.order(context.world.me, "espresso-cup")
    assert answer.status == 201, answer


def _within(answers, seconds):
    slowest = max(answers, key=lambda answer: answer.ms)
    assert slowest.ms <= seconds * 1000, f"after {slowest.ms:.0f} ms: {slowest}"

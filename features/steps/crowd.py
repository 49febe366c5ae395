"""Several customers at the same time, each in trouble of their own, or all in one that lasts."""

from collections import Counter
from functools import partial

from behave import then, when

from features.support.comparing import same, within
from features.support.contract.refusals import REASONS
from features.support.load import crowds
from features.support.load.accounting import LOST_BY_THE_GATEWAY
from ops.api import events

ACCEPTED = (201, "")
AWAY = {"orders": {"unavailable", *LOST_BY_THE_GATEWAY}}
LINK = "orders:products"
MIB = 1024 * 1024
MEMORY = 2 * MIB
POOL = 5
"""Connections that orders has to each of the two services that it asks."""
THREADS = 20
"""Of orders, to answer requests: twelve for all its routes, and one for each of them and for what is none."""
BESIDES = 8
"""Threads, or connections, of a service that serve no request: for its signals, its keys, its health check.

A look at the connections takes its time, too: some end, and others begin, and it has seen both.
"""
LOOKUPS = 2
"""Threads that look the name of a service up, one for each, and end with that."""
TOO_MUCH_TO_DO = {(503, "unavailable"), (503, "users-unavailable")}


def _answers(context, number):
    each = len(context.world.answers) // len(context.world.people)
    return context.world.answers[number * each : (number + 1) * each]


def _told(answers):
    return {(answer.status, answer.code) for answer in answers}


def _ordering(world, product):
    shops = [(world.shop_of(customer), customer) for customer in world.people]
    return [partial(world.ledger.order, shop, customer, product, None) for shop, customer in shops]


def _looking(world):
    """At the catalogue, at orders and at an account."""
    shop, token = world.shop, world.me.token
    asks = (shop.products, partial(shop.orders, token), partial(shop.profile, token))
    return [lambda ask=ask: world.looked(ask()) for ask in asks]


@when('each of them orders "{product:Quoted}" {number:d} times, all at the same time')
def when_each_of_them_orders(context, product, number):
    context.world.all_at_once([order for order in _ordering(context.world, product) for _ in range(number)])


@when('each of them orders "{product:Quoted}" again and again while the {service:w} service is {kind:w}')
def when_each_orders_while_a_service_is_broken(context, product, service, kind):
    world = context.world
    world.answers = crowds.busy(_ordering(world, product), lambda: world.faults.pass_by(service, kind, world.journey))


@when(
    'each of them orders "{product:Quoted}" and looks around again and again while the {part:Part} service is {kind:w}'
)
def when_each_orders_and_looks_while_a_replica_is_broken(context, product, part, kind):
    world = context.world
    looking, ordering = _looking(world), _ordering(world, product)
    answers = crowds.busy([*looking, *ordering], lambda: world.faults.pass_by(part, kind, world.journey))
    world.answers = [answer for answer in answers if answer not in world.looks]


@when('the first customer orders "{product:Quoted}" while the others look at their orders')
def when_the_first_orders_while_the_others_look(context, product):
    world = context.world
    looks = [partial(world.shop_of(customer).orders, customer.token) for customer in world.people[1:]]
    world.all_at_once([_ordering(world, product)[0], *looks])


@when("each orders again and again in {windows:d} windows for {seconds:d} seconds, and others look around")
def when_each_orders_again_and_again(context, windows, seconds):
    world = context.world
    world.load.last(world.people, windows, seconds)
    figures = events.Figures(scenario=world.place.scenario, name="load", figures=world.load.document())
    world.suite.run.journal.write(figures)


@then("each order is accepted, or refused because {service:w} is away")
def then_each_is_accepted_or_told(context, service):
    """Hung up on, as by a service that fails, is who comes before the fault proxy has seen it go: at most once each."""
    failed = f"{service}-failed"
    away = AWAY.get(service) or {f"{service}-unavailable", f"{service}-timeout", failed}
    told = Counter(answer.code for answer in context.world.answers if answer.status != 201)
    assert set(told) <= away and told[failed] <= len(context.world.people), told


@then("at most {number:d} orders of each are refused because {reason}, and all others accepted")
def then_few_orders_of_each_are_refused(context, number, reason):
    outcomes = Counter((answer.status, answer.code) for answer in context.world.answers)
    assert set(outcomes) <= {ACCEPTED, REASONS[reason]}, outcomes
    assert outcomes[REASONS[reason]] <= number * len(context.world.people), outcomes


@then("the last order of each is accepted")
def then_the_last_order_of_each_is_accepted(context):
    same(_told(context.world.answers[-len(context.world.people) :]), {ACCEPTED})


@then("every look is answered")
def then_every_look_is_answered(context):
    same(Counter(answer.status for answer in context.world.looks if answer.status != 200), Counter())


@then("all orders are there as they were accepted")
def then_all_orders_are_there(context):
    context.world.ledger.check()


@then("the {number:Ordinal} customer is refused each time because {reason}")
def then_the_customer_is_refused(context, number, reason):
    same(_told(_answers(context, number)), {REASONS[reason]})


@then("the {number:Ordinal} customer's orders are all accepted, each within {seconds:d} seconds")
def then_the_customers_orders_are_accepted(context, number, seconds):
    same(_told(_answers(context, number)), {ACCEPTED})
    within(_answers(context, number), seconds)


@then("the {number:Ordinal} customer's requests met trouble with {peer:Peer}")
def then_the_customers_requests_met_trouble(context, number, peer):
    place = context.world.place_of(context.world.people[number])
    for link in ("orders:users", "orders:products"):
        met = context.world.faults.met(link, place)
        assert met == {True} if link == f"orders:{peer}" else True not in met, f"trouble on {link}: {met}"


@then("the others see their orders before that")
def then_the_others_see_their_orders(context):
    slow, *others = context.world.answers
    same(_told(others), {(200, "")})
    assert max(answer.ms for answer in others) < slow.ms, [round(answer.ms) for answer in context.world.answers]


@then("every order is refused within {seconds:d} seconds because {reasons}, or there is too much to do")
def then_every_order_is_refused(context, seconds, reasons):
    answers = context.world.load.ordered
    expected = {REASONS[reason] for reason in reasons.split(", or ")} | TOO_MUCH_TO_DO
    others = [answer for answer in answers if (answer.status, answer.code) not in expected]
    assert answers and not others, f"{len(others)} of {len(answers)} otherwise: {list(map(str, others[:5]))}"
    within(answers, seconds)


@then("products was asked at most twice for each order, by {number:d} calls at a time")
def then_products_was_asked_at_most_twice(context, number):
    asked, orders = context.world.faults.fired(LINK), len(context.world.load.ordered)
    assert 0 < asked <= 2 * orders, f"products was asked {asked} times for {orders} orders"
    at_a_time = context.world.faults.at_a_time(LINK)
    assert at_a_time < number + 1, f"on the average {at_a_time:.1f} calls were under way"


@then("orders has not grown: its memory, its threads, its connections")
def then_orders_has_not_grown(context):
    load = context.world.load
    growth, most, before = load.growth(), load.most(), load.used[0]
    found = f"from {before} to at most {most}, at the end by {growth}"
    assert growth.memory <= MEMORY, f"its memory grew {found}"
    assert growth.threads <= LOOKUPS and most.threads <= THREADS + BESIDES, f"its threads grew {found}"
    assert most.outgoing <= 2 * POOL + BESIDES, f"its connections grew {found}"
    assert most.incoming <= before.incoming + load.windows + BESIDES, f"the connections to it grew {found}"


@then("the others are all served, each within {seconds:d} seconds")
def then_the_others_are_served(context, seconds):
    answers = context.world.load.looked
    refused = [answer for answer in answers if answer.status >= 400]
    assert answers and not refused, f"{len(refused)} of {len(answers)} refused: {list(map(str, refused[:5]))}"
    within(answers, seconds)


@then("the first order once products is back is accepted")
def then_the_first_order_is_accepted(context):
    context.world.faults.mend()
    answer = context.world.heard(context.world.order(context.world.me, "espresso-cup"))
    assert answer.status == 201, answer

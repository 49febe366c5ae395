"""Several customers at the same time, each in trouble of their own."""

from collections import Counter
from functools import partial

from behave import given, then, when

from features.support import crowds, customers
from features.support.accounting import LOST_BY_THE_GATEWAY
from features.support.comparing import same
from features.support.refusals import REASONS

ORDINALS = {"first": 0, "second": 1, "third": 2}
ACCEPTED = (201, "")
AWAY = {"orders": {"unavailable", *LOST_BY_THE_GATEWAY}}


def _answers(context, ordinal):
    each = len(context.world.answers) // len(context.world.people)
    start = ORDINALS[ordinal] * each
    return context.world.answers[start : start + each]


def _told(answers):
    return {(answer.status, answer.code) for answer in answers}


@given("three signed-in customers")
def given_three_signed_in_customers(context):
    context.world.people += [customers.signed_in(context.world.shop) for _ in ORDINALS]


@given("whenever orders asks {peer:w} for the {ordinal:w} customer, it {trouble}")
def given_trouble_for_a_customer(context, peer, ordinal, trouble):
    place = context.world.place_of(context.world.people[ORDINALS[ordinal]])
    context.world.faults.make(f"orders:{peer}", trouble, place=place)


@when('each of them orders "{product:Quoted}" {number:d} times, all at the same time')
def when_each_of_them_orders(context, product, number):
    world = context.world
    shops = [(world.shop_of(customer), customer) for customer in world.people for _ in range(number)]
    world.all_at_once(
        [
            lambda shop=shop, customer=customer: world.ledger.order(shop, customer, product, None)
            for shop, customer in shops
        ]
    )


@when('each of them orders "{product:Quoted}" again and again while the {service:w} service is {kind:w}')
def when_each_orders_while_a_service_is_broken(context, product, service, kind):
    world = context.world
    shops = [(world.shop_of(customer), customer) for customer in world.people]
    orders = [partial(world.ledger.order, shop, customer, product, None) for shop, customer in shops]
    world.answers = crowds.busy(orders, lambda: world.faults.pass_by(service, kind, world.journey))


@then("each order is accepted, or refused because {service:w} is away")
def then_each_is_accepted_or_told(context, service):
    """Hung up on, as by a service that fails, is who comes before the fault proxy has seen it go: at most once each."""
    failed = f"{service}-failed"
    away = AWAY.get(service) or {f"{service}-unavailable", f"{service}-timeout", failed}
    told = Counter(answer.code for answer in context.world.answers if answer.status != 201)
    assert set(told) <= away and told[failed] <= len(context.world.people), told


@then("each answer comes within {seconds:d} seconds")
def then_each_answer_comes_within(context, seconds):
    slowest = max(answer.ms for answer in context.world.answers)
    assert slowest <= seconds * 1000, f"one came after {slowest:.0f} ms"


@then("the last order of each is accepted")
def then_the_last_order_of_each_is_accepted(context):
    same(_told(context.world.answers[-len(context.world.people) :]), {ACCEPTED})


@then("all orders are there as they were accepted")
def then_all_orders_are_there(context):
    context.world.ledger.check()


@then("the {ordinal:w} customer is refused each time because {reason}")
def then_the_customer_is_refused(context, ordinal, reason):
    same(_told(_answers(context, ordinal)), {REASONS[reason]})


@then("the {ordinal:w} customer's orders are all accepted, each within {seconds:d} seconds")
def then_the_customers_orders_are_accepted(context, ordinal, seconds):
    answers = _answers(context, ordinal)
    same(_told(answers), {ACCEPTED})
    assert max(answer.ms for answer in answers) <= seconds * 1000, [round(answer.ms) for answer in answers]


@then("the {ordinal:w} customer's requests met no trouble on the way to users or products")
def then_the_customers_requests_met_no_trouble(context, ordinal):
    place = context.world.place_of(context.world.people[ORDINALS[ordinal]])
    met = [context.world.faults.met(link, place) for link in ("orders:users", "orders:products")]
    same(met, [{False}, {False}])


@then("the {ordinal:w} customer's requests met trouble on the way to {peer:w} alone")
def then_the_customers_requests_met_trouble(context, ordinal, peer):
    place = context.world.place_of(context.world.people[ORDINALS[ordinal]])
    same(context.world.faults.met(f"orders:{peer}", place), {True})
    (other,) = {"users", "products"} - {peer}
    assert True not in context.world.faults.met(f"orders:{other}", place), f"trouble with {other}, too"


@when('the first customer orders "{product:Quoted}" while the others look at their orders')
def when_the_first_orders_while_the_others_look(context, product):
    world = context.world
    first, second, third = ((world.shop_of(customer), customer) for customer in world.people)
    world.all_at_once(
        [
            lambda: world.ledger.order(*first, product, None),
            lambda: second[0].orders(second[1].token),
            lambda: third[0].orders(third[1].token),
        ]
    )


@then("the others see their orders before that")
def then_the_others_see_their_orders(context):
    slow, *others = context.world.answers
    same(_told(others), {(200, "")})
    assert max(answer.ms for answer in others) < slow.ms, [round(answer.ms) for answer in context.world.answers]

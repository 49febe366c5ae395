"""Ordering under a key."""

from behave import given, then, when

from features.support.comparing import same
from features.support.values import value

IN_PROGRESS = (409, "request-in-progress")


@given('they have ordered "{product:Quoted}" under a key')
def given_they_have_ordered_under_a_key(context, product):
    world = context.world
    assert world.order(world.me, product, world.key).status == 201, world.answer


@given('the other customer has ordered "{product:Quoted}" under a key')
def given_the_other_customer_has_ordered_under_a_key(context, product):
    world = context.world
    assert world.order(world.other, product, world.key).status == 201, world.answer


@given('they were refused "{product:Quoted}" under a key')
def given_they_were_refused_under_a_key(context, product):
    world = context.world
    assert world.order(world.me, product, world.key).status >= 400, world.answer


@when('they order "{product:Quoted}" under the same key')
def when_they_order_under_the_same_key(context, product):
    context.world.order(context.world.me, product, context.world.key)


@when("they order another product under the same key")
def when_they_order_another_product_under_the_same_key(context):
    ordered = context.world.product["id"]
    others = context.world.shop.products(limit=2).content()["items"]
    another = next(product["id"] for product in others if product["id"] != ordered)
    context.world.order(context.world.me, another, context.world.key)


@when('they order "{product:Quoted}" under another key')
def when_they_order_under_another_key(context, product):
    context.world.order(context.world.me, product, f"{context.world.key}-2")


@when('they order "{product:Quoted}" under the key {words}')
def when_they_order_under_the_key(context, product, words):
    context.world.order(context.world.me, product, value(words))


@when('they order "{product:Quoted}" {number:d} times at once under one key')
def when_they_order_at_once_under_one_key(context, product, number):
    context.world.order_at_once(number, product, context.world.key)


@when('they order "{product:Quoted}" {number:d} times at once')
def when_they_order_at_once(context, product, number):
    context.world.order_at_once(number, product, None)


@then("the first answer comes again")
def then_the_first_answer_comes_again(context):
    first, again = context.world.answers[-2:]
    same((again.status, again.json()), (first.status, first.json()))
    same(again.header("Location"), first.header("Location"))


@then("each answer is the one order, or asks to come back later")
def then_each_answer_is_the_one_order(context):
    refused = [answer for answer in context.world.answers if answer.status != 201]
    assert {(answer.status, answer.code) for answer in refused} <= {IN_PROGRESS}, [str(answer) for answer in refused]
    same(len(_accepted(context)), 1)


@then("{number:d} orders are accepted")
def then_orders_are_accepted(context, number):
    same(len(_accepted(context)), number)


def _accepted(context):
    return {answer.json()["id"] for answer in context.world.answers if answer.status == 201}

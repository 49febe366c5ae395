"""The keys that sign tokens, replaced while customers order."""

from functools import partial

from behave import then, when

from features.support.actors import customers
from features.support.comparing import same
from features.support.contract import tokens
from features.support.load import crowds
from features.support.waiting import eventually

WITHDRAWN_WITHIN = 10
"""Seconds after the withdrawal in which the last service refuses what the key signed: 9 are promised, one is spare."""


@when('each of them orders "{product:Quoted}" again and again while a new key takes over')
def when_a_new_key_takes_over(context, product):
    world = context.world
    world.old_token = world.me.token
    actions = [partial(_order, world, world.shop_of(person), person, product) for person in world.people]
    world.answers = crowds.busy(actions, world.suite.rotate_key)


@when('each of them orders "{product:Quoted}" again and again, signed in anew if need be, while the key is withdrawn')
def when_the_key_is_withdrawn(context, product):
    world = context.world
    world.old_token = world.me.token

    def withdraw():
        world.suite.withdraw_key(tokens.kid(world.old_token))
        eventually(partial(_require_refused, world), within=WITHDRAWN_WITHIN, every=0.2)

    actions = [partial(_order_anew, world, world.shop_of(person), person, product) for person in world.people]
    world.answers = crowds.busy(actions, withdraw)


@then("each of their orders is accepted")
def then_each_of_their_orders_is_accepted(context):
    others = [answer for answer in context.world.answers if answer.status != 201]
    assert context.world.answers and not others, f"{len(others)} of {len(context.world.answers)}: {others[:5]}"


@then("who signs in now is given a token of the new key")
def then_the_new_key_signs(context):
    world = context.world
    customers.sign_in(world.shop, world.me)
    published = [key["kid"] for key in world.shop.signing_keys().content()["keys"]]
    same(tokens.kid(world.me.token), published[0])
    assert tokens.kid(world.me.token) != tokens.kid(world.old_token)
    same([answer.status for answer in _opened(world, world.me.token)], [200, 200])


@then("what the old key signed holds on")
def then_the_old_key_holds_on(context):
    same([answer.status for answer in _opened(context.world, context.world.old_token)], [200, 200])


@then("what the old key signed opens nothing")
def then_the_old_key_opens_nothing(context):
    _require_refused(context.world)


def _order(world, shop, customer, product):
    return world.ledger.order(shop, customer, product, None)


def _order_anew(world, shop, customer, product):
    answer = _order(world, shop, customer, product)
    if answer.status != 401:
        return answer
    customers.sign_in(shop, customer)
    return _order(world, shop, customer, product)


def _require_refused(world):
    same([answer.status for answer in _opened(world, world.old_token)], [401, 401])


def _opened(world, token):
    return [world.shop.profile(token), world.shop.orders(token)]

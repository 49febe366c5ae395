"""Keeping the catalogue."""

import uuid

from behave import given, then, when

from features.support.comparing import same
from features.support.values import changed, money, value


def _new_product(price):
    serial = uuid.uuid4().hex
    return {"id": f"cup-{serial}", "name": f"Cup {serial}", "price": money(price)}


def _add(context, price, who):
    context.world.product = _new_product(price)
    return context.world.heard(context.world.shop.add_product(who.token, context.world.product))


def _change(context, who, **changes):
    answer = context.world.shop.change_product(who.token, context.world.product["id"], changes)
    if answer.status == 200:
        context.world.product = {**context.world.product, **changes}
    return context.world.heard(answer)


@given("an admin has added a product for {price}")
def given_an_admin_has_added_a_product(context, price):
    assert _add(context, price, context.world.admin()).status == 201, context.world.answer


@given("they have added a product for {price}")
def given_they_have_added_a_product(context, price):
    assert _add(context, price, context.world.me).status == 201, context.world.answer


@given("an admin has changed the price to {price}")
def given_an_admin_has_changed_the_price(context, price):
    assert _change(context, context.world.admin(), price=money(price)).status == 200, context.world.answer


@when("they add a product for {price}")
def when_they_add_a_product(context, price):
    _add(context, price, context.world.me)


@when("they add the same product again")
def when_they_add_the_same_product_again(context):
    context.world.heard(context.world.shop.add_product(context.world.me.token, context.world.product))


@when('they add a product with the "{field:Quoted}" {words}')
def when_they_add_a_product_with(context, field, words):
    details = changed(_new_product("12.50 EUR"), field, words)
    context.world.heard(context.world.shop.add_product(context.world.me.token, details))


@when("they change its price to {price}")
def when_they_change_its_price(context, price):
    _change(context, context.world.me, price=money(price))


@when("an admin changes the price to {price}")
def when_an_admin_changes_the_price(context, price):
    _change(context, context.world.admin(), price=money(price))


@when('they change its name to "{name:Quoted}"')
def when_they_change_its_name(context, name):
    _change(context, context.world.me, name=name)


@when('they change its "{field:Quoted}" to {words}')
def when_they_change_its_field(context, field, words):
    _change(context, context.world.me, **changed({field: None}, field, words))


@when('they change the name of "{product:Quoted}"')
def when_they_change_the_name_of(context, product):
    context.world.product = {"id": product}
    _change(context, context.world.me, name=value("8 characters"))


@then("the product is added")
def then_the_product_is_added(context):
    same(context.world.answer.status, 201, context.world.answer)


@then("the product is changed")
def then_the_product_is_changed(context):
    same(context.world.answer.status, 200, context.world.answer)


@then("the catalogue shows it at once")
@then("the catalogue shows it as it was")
def then_the_catalogue_shows_it(context):
    found = context.world.shop.product(context.world.product["id"])
    same(found.content(), context.world.product, found)

"""Placing orders, and finding them again."""

from datetime import UTC, datetime, timedelta

from behave import given, then, when

from features.support.comparing import among, same
from features.support.values import changed, value

CUP = "espresso-cup"
CLOCKS_DIFFER_BY = timedelta(minutes=5)


@given("they have chosen a product from the catalogue")
def given_they_have_chosen_a_product(context):
    context.world.product = context.world.shop.products(limit=5).content()["items"][-1]


@given('they have ordered "{product:Quoted}"')
def given_they_have_ordered(context, product):
    assert context.world.order(context.world.me, product).status == 201, context.world.answer


@given("they have ordered the product")
def given_they_have_ordered_the_product(context):
    assert context.world.order(context.world.me, context.world.product["id"]).status == 201, context.world.answer


@given("they have ordered {number:d} times")
def given_they_have_ordered_times(context, number):
    for _ in range(number):
        assert context.world.order(context.world.me, CUP).status == 201, context.world.answer


@given('the other customer has ordered "{product:Quoted}"')
def given_the_other_customer_has_ordered(context, product):
    assert context.world.order(context.world.other, product).status == 201, context.world.answer


@given('they were refused "{product:Quoted}"')
def given_they_were_refused(context, product):
    assert context.world.order(context.world.me, product).status >= 400, context.world.answer


@when('they order "{product:Quoted}"')
def when_they_order(context, product):
    context.world.order(context.world.me, product)


@when("they order the product")
def when_they_order_the_product(context):
    context.world.order(context.world.me, context.world.product["id"])


@when('they order with the "{field:Quoted}" {words}')
def when_they_order_with(context, field, words):
    details = changed({"productId": CUP}, field, words)
    context.world.heard(context.world.shop.order(context.world.me.token, details))


@then("the order is accepted")
def then_the_order_is_accepted(context):
    same(context.world.answer.status, 201, context.world.answer)


@then("it says what was ordered, by whom and when")
def then_it_says_what_was_ordered(context):
    order = context.world.answer.content()
    assert order["id"], context.world.answer
    same((order["productId"], order["userId"]), (context.world.product["id"], context.world.me.id))
    same(order["createdAt"][-1], "Z")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(order["createdAt"])) < CLOCKS_DIFFER_BY, order["createdAt"]


@then("it carries the product's name and price")
def then_it_carries_the_products_name_and_price(context):
    product = context.world.shop.product(context.world.product["id"]).content()
    same(context.world.answer.content()["product"], {"name": product["name"], "price": product["price"]})


@then("it can be found where the answer points")
def then_it_can_be_found_where_the_answer_points(context):
    accepted = context.world.answer
    found = context.world.shop.order_at(context.world.me.token, accepted.header("Location"))
    same(found.content(), accepted.content(), found)


@then("nothing was ordered")
def then_nothing_was_ordered(context):
    same(context.world.stored_orders(), [])


@then("they have ordered exactly once")
def then_they_have_ordered_exactly_once(context):
    same(len(context.world.me.orders), 1)
    same(context.world.stored_orders(), list(context.world.me.orders.values()))


@then("their orders are exactly the accepted ones")
def then_their_orders_are_exactly_the_accepted_ones(context):
    stored = {order["id"]: order for order in context.world.stored_orders()}
    same(stored, context.world.me.orders)


@when("they look at their orders")
def when_they_look_at_their_orders(context):
    context.world.heard(context.world.shop.orders(context.world.me.token))


@when("they ask for a page of {limit} orders")
def when_they_ask_for_a_page_of_orders(context, limit):
    context.world.heard(context.world.shop.orders(context.world.me.token, limit=value(limit)))


@when("they leaf through their orders, {limit:d} at a time")
def when_they_leaf_through_their_orders(context, limit):
    context.world.leaf_through(context.world.shop.order_pages(context.world.me.token, limit))


@when("they look for their order")
def when_they_look_for_their_order(context):
    context.world.look_for_order(next(iter(context.world.me.orders)))


@when("they look for the other customer's order")
def when_they_look_for_the_other_customers_order(context):
    context.world.look_for_order(next(iter(context.world.other.orders)))


@when('they look for the order "{order:Quoted}"')
def when_they_look_for_the_order(context, order):
    context.world.look_for_order(order)


@then("they see no orders")
def then_they_see_no_orders(context):
    same(context.world.answer.content(), {"items": [], "next": None})


@then("they see exactly their orders, the newest first")
def then_they_see_exactly_their_orders(context):
    same(context.world.answer.status, 200, context.world.answer)
    same(context.world.answer.content()["items"], list(reversed(context.world.me.orders.values())))


@then("they see the order as it was accepted")
def then_they_see_the_order_as_it_was_accepted(context):
    among(context.world.answer.content(), context.world.me.orders.values())


@then("the pages hold {first:d}, {second:d} and {third:d} of them")
def then_the_pages_hold(context, first, second, third):
    same([len(page) for page in context.world.pages], [first, second, third])


@then("together they are exactly their orders, the newest first")
def then_together_they_are_their_orders(context):
    leafed = [order for page in context.world.pages for order in page]
    same(leafed, list(reversed(context.world.me.orders.values())))


@then("they have ordered at most once")
def then_they_have_ordered_at_most_once(context):
    stored = context.world.stored_orders()
    assert len(stored) <= 1, stored

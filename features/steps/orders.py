"""What an order says, and which orders there are."""

from datetime import UTC, datetime, timedelta

from behave import given, then

from features.support.comparing import same

CLOCKS_DIFFER_BY = timedelta(minutes=5)


@given("they have chosen a product from the catalogue")
def given_they_have_chosen_a_product(context):
    context.world.product = context.world.shop.products(limit=5).content()["items"][-1]


@then("it says what was ordered, by whom and when")
def then_it_says_what_was_ordered(context):
    order = context.world.answer.content()
    assert order["id"], context.world.answer
    same((order["productId"], order["userId"]), (context.world.product["id"], context.world.me.id))
    same(order["createdAt"][-1], "Z")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(order["createdAt"])) < CLOCKS_DIFFER_BY, order["createdAt"]


@then("the times at which they were placed have milliseconds")
def then_they_were_placed_at_times(context):
    """The document has the form of a time. Of several not each lies on a whole second, but by chance."""
    times = [order["createdAt"] for order in context.world.listed]
    assert not all(time.endswith(".000Z") for time in times), times


@then("it carries the product's name and price")
def then_it_carries_the_products_name_and_price(context):
    product = context.world.shop.product(context.world.product["id"]).content()
    same(context.world.answer.content()["product"], {"name": product["name"], "price": product["price"]})


@then("it costs {price:Money}")
def then_it_costs(context, price):
    same(context.world.answer.content()["product"]["price"], price)


@then("it can be found where the answer points")
def then_it_can_be_found_where_the_answer_points(context):
    accepted = context.world.answer
    found = context.world.shop.order_at(context.world.me.token, accepted.header("Location"))
    same(found.content(), accepted.content(), found)


@then("the first answer comes again")
def then_the_first_answer_comes_again(context):
    first, *_, again = [answer for answer in context.world.answers if "productId" in answer.json()]
    same((again.status, again.json()), (first.status, first.json()))
    same(again.header("Location"), first.header("Location"))


@then("they have ordered {how_often:HowOften}")
def then_they_have_ordered(context, how_often):
    how_often(context.world.stored_orders(), list(context.world.me.orders.values()))


@then("they see exactly their orders, the newest first")
def then_they_see_exactly_their_orders(context):
    same(context.world.listed, list(reversed(context.world.me.orders.values())), context.world.answer)

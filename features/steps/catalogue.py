"""Looking at lists, and at what stands in them."""

from behave import then, when

from features.support.comparing import among, same
from features.support.values import value


@when("they ask for a page of {limit} {things:Listed}")
def when_they_ask_for_a_page(context, limit, things):
    context.world.heard(things.page(context.world, limit=value(limit)))


@when("they leaf through {things:Listed}{by:By}")
def when_they_leaf_through(context, things, by):
    context.world.leaf_through(things.pages(context.world, by))


@when('they search the catalogue for "{words:Quoted}"')
def when_they_search_the_catalogue(context, words):
    context.world.leaf_through(context.world.shop.catalogue_pages(100, q=words))


@then("they see {at_least:AtLeast}{number:d} products, each with a name and a price")
def then_they_see_products(context, at_least, number):
    products = context.world.listed
    assert len(products) == number or (at_least and len(products) > number), f"{len(products)} products"
    assert all(product["name"] and product["price"]["amount"] >= 0 for product in products), products


@then("there are more to see")
def then_there_are_more_to_see(context):
    assert context.world.answer.content()["next"], context.world.answer


@then("each page but the last holds {number:d} of them")
def then_each_page_holds(context, number):
    same([len(page) for page in context.world.pages[:-1]], [number] * (len(context.world.pages) - 1))
    assert len(context.world.pages) > 1, "there is but one page"


@then("every product comes once, in the order of its ID")
def then_every_product_comes_once(context):
    ids = [product["id"] for product in context.world.listed]
    same(ids, sorted(set(ids)))


@then('they find "{product:Quoted}" and only what contains "{words:Quoted}"')
def then_they_find(context, product, words):
    found = {item["id"]: item["name"] for item in context.world.listed}
    among(product, found)
    assert all(words.casefold() in f"{key}\n{name}".casefold() for key, name in found.items()), found


@then("they find nothing")
def then_they_find_nothing(context):
    same(context.world.listed, [])


@then("they see {what:Kept}")
def then_they_see_what_is_kept(context, what):
    same(context.world.answer.content(), what(context.world), context.world.answer)


@then("each gets their own change for an answer")
def then_each_gets_their_own_change(context):
    same([answer.content()["price"] for answer in context.world.answers], context.world.sent["prices"])


@then("the catalogue shows one of these answers")
def then_the_catalogue_shows_one_of_these(context):
    found = context.world.shop.product(context.world.product["id"])
    among(found.content(), [answer.content() for answer in context.world.answers])


@then("the catalogue shows it {when:Shown}")
def then_the_catalogue_shows_it(context, when):
    found = context.world.shop.product(context.world.product["id"])
    same(found.content(), context.world.product, found)

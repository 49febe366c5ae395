"""Looking at the catalogue."""

from behave import then, when

from features.support.comparing import among, same
from features.support.values import value


def _items(context):
    return context.world.answer.content()["items"]


def _leafed_through(context):
    return [product for page in context.world.pages for product in page]


@when("they look at the catalogue")
def when_they_look_at_the_catalogue(context):
    context.world.heard(context.world.shop.products())


@when("they look at the catalogue, {limit:d} at a time")
def when_they_look_at_the_catalogue_by(context, limit):
    context.world.heard(context.world.shop.products(limit=limit))


@when("they ask for a page of {limit} products")
def when_they_ask_for_a_page_of_products(context, limit):
    context.world.heard(context.world.shop.products(limit=value(limit)))


@when("they leaf through the catalogue, {limit:d} at a time")
def when_they_leaf_through_the_catalogue(context, limit):
    context.world.leaf_through(context.world.shop.catalogue_pages(limit))


@when('they search the catalogue for "{words:Quoted}"')
def when_they_search_the_catalogue(context, words):
    context.world.leaf_through(context.world.shop.catalogue_pages(100, q=words))


@when('they look at the product "{product:Quoted}"')
def when_they_look_at_the_product(context, product):
    context.world.heard(context.world.shop.product(product))


@then("they see {number:d} products, each with a name and a price")
def then_they_see_products(context, number):
    products = _items(context)
    same(len(products), number)
    assert all(product["name"] and product["price"]["amount"] >= 0 for product in products), products


@then("they see at least {number:d} products")
def then_they_see_at_least(context, number):
    assert len(_items(context)) >= number, f"only {len(_items(context))}"


@then("there are more to see")
def then_there_are_more_to_see(context):
    assert context.world.answer.content()["next"], context.world.answer


@then("each page but the last holds {number:d} products")
def then_each_page_holds(context, number):
    same({len(page) for page in context.world.pages[:-1]}, {number})


@then("every product comes once, in the order of its ID")
def then_every_product_comes_once(context):
    ids = [product["id"] for product in _leafed_through(context)]
    same(ids, sorted(set(ids)))


@then('they find "{product:Quoted}" and only what contains "{words:Quoted}"')
def then_they_find(context, product, words):
    found = {item["id"]: item["name"] for item in _leafed_through(context)}
    among(product, found)
    assert all(words.casefold() in f"{key}\n{name}".casefold() for key, name in found.items()), found


@then("they find nothing")
def then_they_find_nothing(context):
    same(_leafed_through(context), [])


@then("they see the product as the catalogue shows it")
def then_they_see_the_product(context):
    product = context.world.answer.content()
    pages = context.world.shop.catalogue_pages(100, q=product["id"])
    among(product, [found for page in pages for found in page.content()["items"]])

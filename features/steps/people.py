"""Who acts in a scenario. "They" is the first person it names, "the other customer" the second."""

from concurrent.futures import ThreadPoolExecutor

from behave import given

from features.support.actors import customers

AT_A_TIME = 4


@given("{person:Person}")
def given_a_person(context, person):
    context.world.people.append(person(context.world))


@given("{number:d} signed-in customers")
def given_signed_in_customers(context, number):
    with ThreadPoolExecutor(AT_A_TIME) as crowd:
        context.world.people += crowd.map(customers.signed_in, [context.world.shop] * number)


@given("they hold {token}")
def given_they_hold_a_token(context, token):
    context.world.hold(token)


@given("{number:d} wrong passwords were tried on {owner:Owner} account{origin:Origin}")
def given_wrong_passwords(context, number, owner, origin):
    customers.guess(origin(context.world), owner(context.world), number)

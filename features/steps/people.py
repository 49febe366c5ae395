"""Who acts in a scenario. "They" is the first person it names, "the other customer" the second."""

from behave import given

from features.support import customers, tokens


@given("a visitor")
def given_a_visitor(context):
    context.world.people.append(customers.visitor())


@given("a registered customer")
def given_a_registered_customer(context):
    context.world.people.append(customers.registered(context.world.shop))


@given("a signed-in customer")
@given("another signed-in customer")
def given_a_signed_in_customer(context):
    context.world.people.append(customers.signed_in(context.world.shop))


@given("any signed-in customer")
def given_any_signed_in_customer(context):
    context.world.people.append(context.world.onlooker())


@given("an admin")
def given_an_admin(context):
    context.world.people.append(context.world.admin())


@given("they have signed in")
def given_they_have_signed_in(context):
    customers.sign_in(context.world.shop, context.world.me)


@given("a suspended customer")
def given_a_suspended_customer(context):
    context.world.people.append(context.world.suspended())


@given("a visitor with a proper token of no account")
def given_a_visitor_with_a_token_of_no_account(context):
    context.world.people.append(customers.visitor())
    context.world.hold("a proper token of no account")


@given("a visitor with {token}")
def given_a_visitor_with_a_token(context, token):
    context.world.people.append(customers.visitor())
    context.world.hold(token)


@given("they hold {token} instead of their own")
def given_they_hold_a_token(context, token):
    context.world.hold(token)


@given('they have altered their token to say "{role}"')
def given_they_have_altered_their_token(context, role):
    context.world.me.token = tokens.altered(context.world.me.token, role=role)

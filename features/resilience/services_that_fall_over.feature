@P7-02 @resilience @slow @alone
Feature: A service falls over
  While a service is away, customers get a clear refusal in time. What was acknowledged before is there afterwards, and
  the shop serves again as soon as the service is back. Nobody at all is served by a service that is away.

  @needs.pause
  Scenario Outline: A service that orders needs stands still: <service>
    Given a signed-in customer
    And the <service> service is paused
    When they order "espresso-cup"
    Then it is refused because <service> has not answered in time
    And the answer comes within 3 seconds
    And they have ordered nothing

    Examples:
      | service  |
      | products |
      | users    |

  @needs.kill
  Scenario Outline: A service that orders needs is gone: <service> <state>
    Given a signed-in customer
    And the <service> service is <state>
    When they order "espresso-cup"
    Then it is refused because <service> is unavailable
    And the answer comes within 3 seconds
    And they have ordered nothing

    Examples:
      | service  | state   |
      | products | killed  |
      | users    | stopped |

  # It verifies tokens with the keys that users publishes, knows none of them yet, and blames nobody's token for that.
  @needs.kill
  Scenario Outline: Orders was restarted while users is away: <state>
    Given a signed-in customer
    And the users service is <state>
    And the orders service is restarted meanwhile
    When they order "espresso-cup"
    Then it is refused because users is unavailable
    And the answer comes within 3 seconds

    Examples:
      | state  |
      | killed |

    @needs.pause
    Examples: it stands still
      | state  |
      | paused |

  @needs.kill @needs.wire-faults
  Scenario Outline: Orders was restarted while users has no keys to give: it <trouble>
    Given a signed-in customer
    And whenever orders asks users for its keys, it <trouble>
    And the orders service is restarted meanwhile
    When they order "espresso-cup"
    Then it is refused because users is unavailable
    And the answer comes within 3 seconds
    And between two requests for the keys orders pauses for at least 400 ms

    Examples:
      | trouble                 |
      | answers 404             |
      | answers what is no JSON |

  @needs.kill @needs.exec
  Scenario: Products was restarted while users is away
    Given an admin
    And they have added a product for 12.37 EUR
    And the users service is killed
    And the products service is restarted meanwhile
    When they change its price to 13.49 EUR
    Then it is refused because users is unavailable
    And the answer comes within 3 seconds

  # The gateway waits for it for four seconds.
  @needs.kill
  Scenario: Orders itself is gone
    Given a signed-in customer
    And the orders service is killed
    When they order "espresso-cup"
    Then it is refused because the gateway got no usable answer
    And the answer comes within 6 seconds

  # The gateway waits for it. One order of each is refused by the fault proxy, which has not yet seen it go, and others where a
  # busy machine takes longer than four seconds for a start: each of them waited.
  @needs.kill
  Scenario: Customers order while orders is restarted
    Given 3 signed-in customers
    When each of them orders "espresso-cup" again and again while the orders service is restarted
    Then at most 3 orders of each are refused because the gateway got no usable answer, and all others accepted
    And each answer comes within 10 seconds
    And the last order of each is accepted
    And all orders are there as they were accepted

  @needs.pause
  Scenario: Orders itself stands still
    Given a signed-in customer
    And the orders service is paused
    When they order "espresso-cup"
    Then it is refused because the gateway got no answer in time
    And the answer comes within 7 seconds

  @needs.kill @needs.wire-faults
  Scenario: An order that is under way when orders is restarted is still accepted
    Given a signed-in customer
    And the first time orders asks products, it answers 0.8 seconds late
    And they have begun to order "espresso-cup"
    When the orders service is restarted meanwhile
    Then what they had begun is accepted
    And they have ordered exactly once

  @needs.kill @needs.wire-faults
  Scenario: An order that ended with orders itself can soon be placed under its key
    Given a signed-in customer
    And the first time orders asks products, it never answers
    And they have begun to order "espresso-cup" under a key
    And the orders service was killed and is back
    When they order "espresso-cup" under the same key again and again for at most 10 seconds
    Then the order is accepted

  @needs.kill
  Scenario Outline: What was acknowledged is there afterwards: orders <state>
    Given a signed-in customer
    And they have ordered "espresso-cup" 3 times
    And the orders service was <state> and is back
    When they look at their orders
    Then they see exactly their orders, the newest first

    Examples:
      | state     |
      | killed    |
      | stopped   |
      | restarted |

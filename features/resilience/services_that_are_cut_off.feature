@P7-02 @resilience @slow @alone @needs.cut @needs.exec @needs.logs
Feature: A service is cut off from another
  The network between two services is gone. Nobody refuses anything: packets vanish. A request that needs
  that way gets an error in time, every other one is served, and the shop serves again as soon as the way is back.

  # It finds a connection that it kept, and on which nothing comes back.
  Scenario Outline: Orders has just been cut off: <service>
    Given a signed-in customer
    And they have ordered "espresso-cup"
    And orders is cut off from <service>
    When they order "espresso-cup"
    Then it is refused because <service> has not answered in time
    And the answer comes within 3 seconds
    And they have ordered exactly once

    Examples:
      | service  |
      | products |
      | users    |

  # No connection is left, and none can be made.
  Scenario Outline: Orders stays cut off: <service>
    Given a signed-in customer
    And orders is cut off from <service>
    And they have ordered "espresso-cup" under a key, without success
    When they order "espresso-cup" under the same key
    Then it is refused because <service> has not answered in time
    And the answer comes within 3 seconds
    And they have ordered nothing

    Examples:
      | service  |
      | products |
      | users    |

  Scenario Outline: Refused customers are served as soon as the link is back: <service>
    Given a signed-in customer
    And orders is cut off from <service>
    And they have ordered "espresso-cup" under a key, without success
    And all ways are back
    When they order "espresso-cup" under the same key
    Then the order is accepted
    And the answer comes within 3 seconds
    And they have ordered exactly what was accepted

    Examples:
      | service  |
      | products |
      | users    |

  Scenario Outline: Who does not need that way is served: <caller>, <service>
    Given a signed-in customer
    And they have ordered "espresso-cup"
    And <caller> is cut off from <service>
    When they <action>
    Then they get what they asked for
    And the answer comes within 3 seconds

    Examples:
      | caller      | service  | action                             |
      | orders      | products | look at the product "espresso-cup" |
      | orders      | products | look at their orders               |
      | orders      | users    | look at their profile              |
      | orders      | users    | look at their orders               |
      | the gateway | users    | order "espresso-cup"               |
      | the gateway | products | order "espresso-cup"               |
      | the gateway | orders   | look at the product "espresso-cup" |

  Scenario: The gateway itself is cut off
    Given a signed-in customer
    And the gateway is cut off from users
    And the gateway is cut off from products
    And the gateway is cut off from orders
    When they do all of this at the same time
      | action                             |
      | look at their profile              |
      | look at the product "espresso-cup" |
      | look at their orders               |
      | order "espresso-cup"               |
    Then each is refused by the gateway itself
    And each answer comes within 8 seconds

  # It knows the keys with which tokens are verified, and asks nobody for them while they serve.
  Scenario: Products is cut off from users, and still knows an admin
    Given an admin
    And they have added a product for 12.37 EUR
    And products is cut off from users
    When they change its price to 13.49 EUR
    Then the product is changed
    And the answer comes within 3 seconds

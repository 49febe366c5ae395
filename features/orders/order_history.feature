@P7-01
Feature: The customer's orders
  Customers see all of their own orders, the newest first, and nobody else's.

  Scenario: A new customer has no orders
    Given a signed-in customer
    When they look at their orders
    Then they see exactly their orders, the newest first

  Scenario: The newest order comes first
    Given a signed-in customer
    And they have ordered "espresso-cup" 3 times
    When they look at their orders
    Then they see exactly their orders, the newest first
    And the times at which they were placed have milliseconds

  Scenario: Customers see their own orders and nobody else's
    Given a signed-in customer
    And they have ordered "espresso-cup"
    And another signed-in customer
    And the other has ordered "espresso-cup"
    When they look at their orders
    Then they see exactly their orders, the newest first

  Scenario: Another customer's order cannot be told from one that does not exist
    Given a signed-in customer
    And another signed-in customer
    And the other has ordered "espresso-cup"
    When they look for the other customer's order
    Then it is refused because there is no such order

  Scenario Outline: An order that does not exist is not found: <order>
    Given any signed-in customer
    When they look for the order "<order>"
    Then it is refused because there is no such order

    Examples:
      | order                                |
      | 01890a5d-ac96-774b-bcce-b302099a8057 |
      | 1                                    |
      | espresso-cup                         |

  Scenario: An order alone reads as it does in the list
    Given a signed-in customer
    And they have ordered "espresso-cup"
    When they look for their order
    Then they see the order as it was accepted

  Scenario: Leafing through the orders shows each exactly once
    Given a signed-in customer
    And they have ordered "espresso-cup" 5 times
    When they leaf through their orders, 2 at a time
    Then each page but the last holds 2 of them
    And they see exactly their orders, the newest first

  Scenario: A page has 20 orders where nobody asks for more or fewer
    Given a signed-in customer
    And they have ordered "espresso-cup" 21 times
    When they leaf through their orders
    Then each page but the last holds 20 of them
    And they see exactly their orders, the newest first

  Scenario Outline: A page of orders must have a sensible size: <limit>
    Given any signed-in customer
    When they ask for a page of <limit> orders
    Then it is refused for its "limit"

    Examples:
      | limit |
      | 0     |
      | -1    |
      | 101   |
      | many  |
      | empty |

  Scenario: Visitors have no orders to look at
    Given a visitor
    When they look at their orders
    Then it is refused because nobody is signed in

  @needs.exec
  Scenario: A suspended customer's orders stay on record
    Given a suspended customer
    When they look at their orders
    Then they see exactly their orders, the newest first

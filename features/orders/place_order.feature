@P7-01
Feature: Placing an order
  A signed-in customer orders one product. The shop keeps the order, or says why it does not and keeps nothing.

  @P7-01.3
  Scenario: An accepted order says what was ordered, by whom and when
    Given a signed-in customer
    When they order "espresso-cup"
    Then the order is accepted
    And it says what was ordered, by whom and when
    And it carries the product's name and price
    And it can be found where the answer points

  @P7-01.1
  Scenario Outline: Without a token of the shop's own, nothing is ordered: <token>
    Given a visitor
    And they hold <token>
    When they order "espresso-cup"
    Then it is refused because nobody is signed in

    Examples:
      | token                                          |
      | no token                                       |
      | a made-up token                                |
      | a token signed with a stranger's key           |

  @P7-01.1 @needs.exec @needs.logs
  Scenario Outline: A token that does not hold reaches neither the orders nor another service: <token>
    Given a signed-in customer
    And they hold <token>
    When they order "espresso-cup"
    Then it is refused because nobody is signed in
    And users was never asked
    And products was never asked
    And they have ordered nothing

    Examples:
      | token                        |
      | no token                     |
      | an expired token             |
      | a token of another issuer    |
      | a token for another audience |
      | a token that never expires   |

  @P7-01.2
  Scenario Outline: A product that does not exist cannot be ordered: <product>
    Given a signed-in customer
    When they order "<product>"
    Then it is refused because there is no such product
    And they have ordered nothing

    Examples:
      | product                 |
      | a-cup-that-never-was    |
      | Espresso-Cup            |
      | ../espresso-cup         |
      | espresso-cup?limit=1    |

  Scenario Outline: An order must name its product properly: <product>
    Given a signed-in customer
    When they order with
      | field     | value     |
      | productId | <product> |
    Then it is refused for its "productId"
    And they have ordered nothing

    Examples:
      | product       |
      | missing       |
      | null          |
      | empty         |
      | a number      |
      | a list        |
      | a line break  |
      | 65 characters |

  Scenario: An order must not claim more than its product
    Given a signed-in customer
    When they order with
      | field     | value     |
      | price | a number |
    Then it is refused for its "price"
    And they have ordered nothing

  @needs.exec
  Scenario: A suspended customer cannot order, not even with a token from before
    Given a suspended customer
    When they order "espresso-cup"
    Then it is refused because the account is suspended
    And they have ordered exactly what was accepted

  @needs.exec
  Scenario Outline: An order costs what its product costs, to the last cent: <price>
    Given a signed-in customer
    And an admin has added a product for <price>
    When they order the product
    Then the order is accepted
    And it costs <price>
    And they have ordered exactly what was accepted

    Examples:
      | price              |
      | 0.00 EUR           |
      | 0.01 EUR           |
      | 12.37 CHF          |
      | 9999999999.99 USD  |
      | 10000000000.00 EUR |

  @needs.exec
  Scenario: An order bears the name of its product, letter for letter
    Given a signed-in customer
    And an admin has added a product for 12.37 EUR
    And an admin has changed its name to "Crème BRÛLÉE – 100 % „wie früher“, ☕ und 咖啡, in einer Schale aus Steingut mit Deckel"
    When they order the product
    Then the order is accepted
    And it carries the product's name and price

  @needs.exec
  Scenario: An order keeps the price for which it was placed
    Given a signed-in customer
    And an admin has added a product for 12.37 EUR
    And they have ordered the product
    And an admin has changed its price to 99.99 EUR
    When they look at their orders
    Then they see exactly their orders, the newest first

  @needs.exec
  Scenario: An order has the price of its own product, whatever was ordered before
    Given a signed-in customer
    And they have ordered "espresso-cup"
    And an admin has added a product for 99.99 EUR
    When they order the product
    Then the order is accepted
    And it carries the product's name and price

  @needs.exec
  Scenario: After a change of price a new order has the new one, an earlier order its own
    Given a signed-in customer
    And an admin has added a product for 12.37 EUR
    And they have ordered the product
    And an admin has changed its price to 99.99 EUR
    When they order the product
    Then the order is accepted
    And it carries the product's name and price
    And they have ordered exactly what was accepted

@P7-01
Feature: Ordering again under the same key
  A customer who did not hear the shop's answer asks again with the same key, and still has ordered only once.

  Scenario: The same order under the same key is answered as the first time
    Given a signed-in customer
    And they have ordered "espresso-cup" under a key
    When they order "espresso-cup" under the same key
    Then the first answer comes again
    And they have ordered exactly once

  Scenario: A client that quotes keys, as the IETF's draft does, has the same key
    Given a signed-in customer
    And they have ordered "espresso-cup" under a key
    When they order "espresso-cup" under the same in quotes
    Then the first answer comes again
    And they have ordered exactly once

  Scenario: Another order under the same key is refused
    Given a signed-in customer
    And they have ordered "espresso-cup" under a key
    When they order another product under the same key
    Then it is refused because the key stands for another order
    And they have ordered exactly once

  Scenario: A key stands for its own order after others were ordered
    Given a signed-in customer
    And they have ordered "espresso-cup" under a key
    And they have ordered "espresso-cup" under another key
    When they order "espresso-cup" under the same key
    Then the first answer comes again
    And they have ordered exactly twice

  @needs.exec
  Scenario: A key stands for the order with the price that it was placed for
    Given a signed-in customer
    And an admin has added a product for 12.37 EUR
    And they have ordered the product under a key
    And an admin has changed its price to 99.99 EUR
    When they order the product under the same key
    Then the first answer comes again

  Scenario Outline: Another key makes another order: <first>, <second>
    Given a signed-in customer
    And they have ordered "espresso-cup" <first>
    When they order "espresso-cup" <second>
    Then the order is accepted
    And they have ordered exactly twice

    Examples:
      | first                         | second                        |
      | under a key                   | under another key             |
      | under a key                   | under the same in capitals    |
      | under a key of 254 characters | under a key of 255 characters |

  @replicas @needs.wire-faults
  Scenario: While an order is under way, the same again is asked to come back later
    Given a signed-in customer
    And the first time orders asks products, it answers 0.8 seconds late
    And they have begun to order "espresso-cup" under a key
    When they order "espresso-cup" under the same key
    Then it is refused because the same request is still running
    And what they had begun is accepted
    And they have ordered exactly once

  @needs.wire-faults
  Scenario: A customer who leaves before the answer has ordered all the same
    Given a signed-in customer
    And the first time orders asks products, it answers 0.8 seconds late
    And they have ordered "espresso-cup" under a key, and left before the answer
    When they order "espresso-cup" under the same key again and again for at most 5 seconds
    Then the order is accepted
    And they have ordered exactly once

  @needs.wire-faults
  Scenario: While an order is under way, its key stands for no other
    Given a signed-in customer
    And the first time orders asks products, it answers 0.8 seconds late
    And they have begun to order "espresso-cup" under a key
    When they order another product under the same key
    Then it is refused because the key stands for another order
    And what they had begun is accepted
    And they have ordered exactly once

  Scenario: Two customers may use the same key
    Given a signed-in customer
    And another signed-in customer
    And the other has ordered "espresso-cup" under a key
    When they order "espresso-cup" under the same key
    Then the order is accepted
    And they have ordered exactly what was accepted

  Scenario: An order that was refused does not use the key up
    Given a signed-in customer
    And they have ordered "a-cup-that-never-was" under a key, without success
    When they order "espresso-cup" under the same key
    Then the order is accepted
    And they have ordered exactly what was accepted

  @replicas
  Scenario: Twenty at once under the same key are one order
    Given a signed-in customer
    When they order "espresso-cup" under a key 20 times at once
    Then exactly 1 order is accepted
    And the others are refused because the same request is still running
    And they have ordered exactly once

  Scenario: Five at once without a key are five orders
    Given a signed-in customer
    When they order "espresso-cup" 5 times at once
    Then exactly 5 orders are accepted
    And they have ordered exactly what was accepted

  Scenario Outline: A key must be 1 to 255 visible characters: <key>
    Given a signed-in customer
    When they order with
      | field           | value |
      | Idempotency-Key | <key> |
    Then it is refused for its "Idempotency-Key"
    And they have ordered nothing

    Examples:
      | key            |
      | 256 characters |
      | "two words"    |
      | "naïve"        |

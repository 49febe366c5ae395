@P7-02 @resilience @slow @alone @needs.postgres @needs.wire-faults
Feature: Orders while its database fails
  Whether PostgreSQL is slow, hangs up, says nothing, is not there or is cut off: the customer gets an answer in time, nothing is
  half stored, and the shop serves again as soon as it is back. Who does not need orders notices nothing.

  Scenario Outline: The customer is refused in time: it <trouble>
    Given a signed-in customer
    And they have ordered "espresso-cup"
    And whenever orders asks postgres, it <trouble>
    When they order "espresso-cup"
    Then it is refused because orders is unavailable
    And the answer comes within 3 seconds

    Examples:
      | trouble                       |
      | answers 2.0 seconds late      |
      | hangs up instead of listening |
      | never answers                 |
      | cannot be reached             |

  Scenario Outline: Refused customers are served as soon as it is back, and nothing else is stored: it <trouble>
    Given a signed-in customer
    And whenever orders asks postgres, it <trouble>
    And they have ordered "espresso-cup" under a key, without success
    And all ways are back
    When they order "espresso-cup" under the same key
    Then the order is accepted
    And the answer comes within 3 seconds
    And they have ordered exactly once

    Examples:
      | trouble                       |
      | answers 2.0 seconds late      |
      | hangs up instead of listening |
      | never answers                 |
      | cannot be reached             |

  @needs.cut
  Scenario: A database that was cut off
    Given a signed-in customer
    And orders is cut off from postgres
    And they have ordered "espresso-cup" under a key, without success
    And all ways are back
    When they order "espresso-cup" under the same key
    Then the order is accepted
    And the answer comes within 3 seconds
    And they have ordered exactly once

  @needs.cut
  Scenario: A database that is cut off
    Given a signed-in customer
    And orders is cut off from postgres
    When they order "espresso-cup"
    Then it is refused because orders is unavailable
    And the answer comes within 3 seconds

  Scenario: A database that is a little slow delays an order, and that is all
    Given a signed-in customer
    And whenever orders asks postgres, it answers 0.1 seconds late
    When they order "espresso-cup"
    Then the order is accepted
    And the answer comes within 3 seconds
    And they have ordered exactly what was accepted

  Scenario Outline: Who does not need orders is served: it <trouble>
    Given a signed-in customer
    And whenever orders asks postgres, it <trouble>
    And they have ordered "espresso-cup", without success
    When they look at the product "espresso-cup"
    Then they get what they asked for
    And the answer comes within 3 seconds

    Examples:
      | trouble           |
      | never answers     |
      | cannot be reached |

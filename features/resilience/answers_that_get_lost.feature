@P7-02 @resilience @slow @needs.wire-faults @needs.wire-faults.gateway
Feature: Answers that get lost
  Nobody can tell from silence whether an order was placed. Who repeats it under its key ends with exactly one.

  Scenario Outline: An order is repeated under its key although orders <trouble>
    Given a signed-in customer
    And the first time the gateway asks orders, it <trouble>
    And they have ordered "espresso-cup" under a key, and the answer got lost
    When they order "espresso-cup" under the same key
    Then the order is accepted
    And they have ordered exactly once

    Examples:
      | trouble                                |
      | hangs up instead of listening          |
      | hangs up instead of answering          |
      | breaks off in the middle of its answer |
      | answers what is no HTTP                |
      | answers 5.5 seconds late               |

  Scenario: An order without a key whose answer got lost stands at most once
    Given a signed-in customer
    And the first time the gateway asks orders, it hangs up instead of answering
    When they order "espresso-cup"
    Then it is refused because the gateway got no usable answer
    And they have ordered at most once

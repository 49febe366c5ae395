@P7-02 @resilience @slow @needs.wire-faults
Feature: Others are not disturbed
  Trouble stays with whom it was made for: two customers in different trouble at the same time, on one stack,
  disturb neither each other nor anybody else.

  # They keep three of the five calls waiting that orders has at a time to a service; a fourth is the third customer's.
  @alone
  Scenario Outline: Two customers in trouble and one in none: <first> <one>, <second> <another>
    Given 3 signed-in customers
    And whenever orders asks <first> for the first customer, it <one>
    And whenever orders asks <second> for the second customer, it <another>
    When each of them orders "espresso-cup" 3 times, all at the same time
    Then the first customer is refused each time because <first> <reason>
    And the second customer is refused each time because <second> <other reason>
    And the third customer's orders are all accepted, each within 4 seconds
    And the first customer's requests met trouble with <first> alone
    And the second customer's requests met trouble with <second> alone
    And the third customer's requests met trouble with nobody

    Examples:
      | first    | one                                    | reason                   | second   | another                  | other reason             |
      | products | answers 503                            | is unavailable           | users    | never answers            | has not answered in time |
      | products | breaks off in the middle of its answer | has failed               | products | never answers            | has not answered in time |
      | users    | answers 500                            | has failed               | users    | answers 1.5 seconds late | has not answered in time |
      | users    | drips its answer                       | has not answered in time | products | answers what is no HTTP  | has failed               |

  Scenario Outline: Who needs nothing of <service> does not wait for it
    Given 3 signed-in customers
    And whenever orders asks <service> for the first customer, it never answers
    When the first customer orders "espresso-cup" while the others look at their orders
    Then the first customer is refused each time because <service> has not answered in time
    And the others see their orders before that

    Examples:
      | service  |
      | products |
      | users    |

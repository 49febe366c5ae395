@P7-02 @resilience @slow @needs.wire-faults
Feature: Orders while another service is slow
  A little patience is part of the promise. A customer whose order waits longer than that for another service gets a clear
  refusal, in time and without a second try: one deadline holds for the whole answer, however it trickles in.

  Scenario Outline: A slow answer is good enough: <service> <trouble>
    Given a signed-in customer
    And whenever orders asks <service>, it <trouble>
    When they order "espresso-cup"
    Then the order is accepted
    And the answer comes within 3 seconds
    And <service> was asked exactly once
    And they have ordered exactly once

    Examples:
      | service  | trouble                      |
      | products | answers 0.2 seconds late     |
      | products | answers 0.5 seconds late     |
      | products | drips its answer fast enough |
      | users    | answers 0.2 seconds late     |
      | users    | answers 0.5 seconds late     |
      | users    | drips its answer fast enough |

  Scenario Outline: Waiting ends at the deadline: <service> <trouble>
    Given a signed-in customer
    And whenever orders asks <service>, it <trouble>
    When they order "espresso-cup"
    Then it is refused because <service> has not answered in time
    And the answer comes within 3 seconds
    And <service> was asked exactly once
    And they have ordered nothing

    Examples:
      | service  | trouble                                 |
      | products | answers 1.5 seconds late                |
      | products | drips its answer                        |
      | products | drips its answer from the first byte on |
      | products | never answers                           |
      | users    | answers 1.5 seconds late                |
      | users    | drips its answer                        |
      | users    | drips its answer from the first byte on |
      | users    | never answers                           |

  Scenario: Both services are slow, each within its deadline
    Given a signed-in customer
    And whenever orders asks users, it answers 0.5 seconds late
    And whenever orders asks products, it answers 0.5 seconds late
    When they order "espresso-cup"
    Then the order is accepted
    And the answer comes within 4 seconds
    And they have ordered exactly once

  Scenario Outline: A failure is made good by a second answer that is slow: <service>
    Given a signed-in customer
    And the first time orders asks <service>, it answers 503
    And the first time orders asks <service>, it answers 0.5 seconds late
    When they order "espresso-cup"
    Then the order is accepted
    And the answer comes within 4 seconds
    And they have ordered exactly once

    Examples:
      | service  |
      | products |
      | users    |

  # Each of the four answers is in time for itself.
  Scenario: One deadline holds for all that an order asks for, second tries included
    Given a signed-in customer
    And the first time orders asks users, it answers 503 0.7 seconds late
    And the first time orders asks users, it answers 0.6 seconds late
    And the first time orders asks products, it answers 503 0.6 seconds late
    And the first time orders asks products, it answers 0.9 seconds late
    When they order "espresso-cup"
    Then it is refused because products has not answered in time
    And the answer comes within 4 seconds
    And they have ordered nothing

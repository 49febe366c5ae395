@P7-02 @resilience @needs.wire-faults
Feature: Orders while another service is gone
  Whether it hangs up or is not there at all, the customer is refused at once, and can order as soon as it is back.

  Scenario Outline: A service that hangs up: <service> <trouble>
    Given a signed-in customer
    And whenever orders asks <service>, it <trouble>
    When they order "espresso-cup"
    Then it is refused because <service> has failed
    And the answer comes within 3 seconds
    And <service> was asked at most twice
    And they have ordered nothing

    Examples:
      | service  | trouble                       |
      | products | hangs up instead of listening |
      | products | hangs up instead of answering |
      | users    | hangs up instead of listening |
      | users    | hangs up instead of answering |

  # It hangs up on the connection that was kept from the order before, as one does that has just been idle for too long.
  @alone
  Scenario Outline: A kept connection that ends costs one of two attempts: <service> <trouble>
    Given a signed-in customer
    And they have ordered "espresso-cup"
    And the first time orders asks <service>, it <trouble>
    When they order "espresso-cup"
    Then the order is accepted
    And the answer comes within 3 seconds
    And <service> was asked exactly twice
    And they have ordered exactly what was accepted

    Examples:
      | service  | trouble                       |
      | products | hangs up instead of listening |
      | products | hangs up instead of answering |
      | users    | hangs up instead of listening |
      | users    | hangs up instead of answering |

  @alone
  Scenario Outline: After a kept connection that ended, a failure is not asked a third time: <service>
    Given a signed-in customer
    And they have ordered "espresso-cup"
    And the first time orders asks <service>, it hangs up instead of listening
    And whenever orders asks <service>, it answers 503
    When they order "espresso-cup"
    Then it is refused because <service> is unavailable
    And <service> was asked exactly twice
    And they have ordered exactly what was accepted

    Examples:
      | service  |
      | products |
      | users    |

  # Nobody at all gets through meanwhile: a refused connection has no request ID by which to spare others.
  @alone
  Scenario Outline: A service that cannot be reached: <service>
    Given a signed-in customer
    And whenever orders asks <service>, it cannot be reached
    When they order "espresso-cup"
    Then it is refused because <service> is unavailable
    And the answer comes within 3 seconds
    And they have ordered nothing

    Examples:
      | service  |
      | products |
      | users    |

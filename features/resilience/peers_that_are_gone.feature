@P7-02 @resilience @needs.wire-faults @needs.logs
Feature: Orders while another service is gone
  Whether it hangs up or is not there at all, the customer is told at once, and can order as soon as it is back.

  Scenario Outline: A service that hangs up: <service> <trouble>
    Given a signed-in customer
    And whenever orders asks <service>, it <trouble>
    When they order "espresso-cup" under the same key
    Then it is refused because <service> has failed
    And the answer comes within 3 seconds
    And the log of orders tells what came of asking <service>: nothing hung-up
    And nothing was ordered

    Examples:
      | service  | trouble                       |
      | products | hangs up instead of listening |
      | products | hangs up instead of answering |
      | users    | hangs up instead of listening |
      | users    | hangs up instead of answering |

  # Nobody at all gets through meanwhile: a refused connection has no request ID by which to spare others.
  @alone
  Scenario Outline: A service that cannot be reached: <service>
    Given a signed-in customer
    And whenever orders asks <service>, it cannot be reached
    When they order "espresso-cup" under the same key
    Then it is refused because <service> is unavailable
    And the answer comes within 3 seconds
    And the log of orders tells what came of asking <service>: nothing not-connected
    And nothing was ordered

    Examples:
      | service  |
      | products |
      | users    |

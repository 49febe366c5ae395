@P7-02 @resilience @needs.wire-faults @needs.logs
Feature: Orders while another service talks nonsense
  An answer that cannot be understood is no answer: nothing is ordered on its word, and nobody asks for it again.

  Scenario Outline: An answer that cannot be understood: <service> <trouble>
    Given a signed-in customer
    And whenever orders asks <service>, it <trouble>
    When they order "espresso-cup" under the same key
    Then it is refused because <service> has failed
    And the answer comes within 3 seconds
    And <service> was asked exactly once
    And the log of orders tells what came of asking <service>: <logged>
    And nothing was ordered

    Examples:
      | service  | trouble                                | logged           |
      | products | answers what is no JSON                | 200 not-json     |
      | products | answers JSON of a wrong shape          | 200 wrong-shape  |
      | products | answers what is no HTTP                | nothing not-http |
      | products | breaks off in the middle of its answer | 200 truncated    |
      | users    | answers what is no JSON                | 200 not-json     |
      | users    | answers JSON of a wrong shape          | 200 wrong-shape  |
      | users    | answers what is no HTTP                | nothing not-http |
      | users    | breaks off in the middle of its answer | 200 truncated    |

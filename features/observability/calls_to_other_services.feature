@P7-02 @P7-02.2 @observability @needs.wire-faults @needs.logs
Feature: The log says what came of each call to another service
  A line for each attempt, under the request's own ID: what was answered, and why that was of no use.

  Scenario Outline: What came of asking: <service> <trouble>
    Given a signed-in customer
    And <occasion> orders asks <service>, it <trouble>
    When they order "a-cup-that-never-was"
    Then the log of orders has these outcomes of calls to <service>: <outcomes>

    Examples: an answer that is understood
      | service | occasion       | trouble                  | outcomes |
      | users   | the first time | answers 0.2 seconds late | 200      |
      | users   | the first time | answers 401              | 401      |
      | users   | the first time | answers 503              | 503, 200 |
      | users   | whenever       | answers 502              | 502, 502 |

    Examples: an answer of no use
      | service  | occasion       | trouble                                | outcomes            |
      | users    | the first time | answers 500                            | 500                 |
      | users    | the first time | answers what is no JSON                | 200 not-json        |
      | users    | the first time | answers JSON of a wrong shape          | 200 wrong-shape     |
      | users    | the first time | answers with another account           | 200 another-account |
      | users    | the first time | answers more than a megabyte           | 200 too-large       |
      | users    | the first time | breaks off in the middle of its answer | 200 truncated       |

    Examples: no answer
      | service | occasion       | trouble                 | outcomes                  |
      | users   | the first time | answers what is no HTTP | nothing not-http          |
      | users   | whenever       | never answers           | nothing no-answer-in-time |

  Scenario Outline: The other service's calls are logged as well: <trouble>
    Given a signed-in customer
    And <occasion> orders asks products, it <trouble>
    When they order "espresso-cup"
    Then the log of orders has these outcomes of calls to products: <outcomes>

    Examples:
      | occasion       | trouble                      | outcomes            |
      | the first time | answers 503                  | 503, 200            |
      | the first time | answers 404                  | 404                 |
      | the first time | answers with another product | 200 another-product |

  Scenario: A connection that is hung up on
    Given a signed-in customer
    And whenever orders asks users, it hangs up instead of answering
    When they order "espresso-cup"
    Then the log of orders has at last these outcomes of calls to users: nothing hung-up

  # It hangs up on the connection that was kept from the order before, as one does that has just been idle for too long.
  @alone
  Scenario: A kept connection that ended
    Given a signed-in customer
    And they have ordered "espresso-cup"
    And the first time orders asks products, it hangs up instead of answering
    When they order "espresso-cup"
    Then the log of orders has these outcomes of calls to products: nothing kept-connection-closed, 200

  @alone
  Scenario: A service that cannot be reached
    Given a signed-in customer
    And whenever orders asks products, it cannot be reached
    When they order "espresso-cup"
    Then the log of orders has these outcomes of calls to products: nothing not-connected

  @alone @needs.cut @slow
  Scenario: A service whose name cannot be found
    Given a signed-in customer
    And orders is cut off from products
    And they have ordered "espresso-cup", without success
    When they order "espresso-cup"
    Then the log of orders has these outcomes of calls to products: nothing

  @needs.wire-faults.gateway
  Scenario Outline: The gateway's log has it, too: <service> <trouble>
    Given a signed-in customer
    And the first time the gateway asks <service>, it <trouble>
    When they <action>
    Then the log of the gateway has at last these outcomes of calls to <service>: <outcome>

    Examples:
      | service  | action                             | trouble                       | outcome |
      | users    | look at their profile              | answers 500                   | 500     |
      | products | look at the product "espresso-cup" | answers 0.2 seconds late      | 200     |
      | orders   | order "espresso-cup"               | hangs up instead of answering | 502     |

  @needs.wire-faults.gateway
  Scenario Outline: The gateway's log says what was no answer: <service> <trouble>
    Given a signed-in customer
    And the first time the gateway asks <service>, it <trouble>
    When they <action>, and get nothing usable
    Then the log of the gateway has these outcomes of calls to <service>: <outcome>

    Examples:
      | service | action                | trouble                                | outcome |
      | users   | look at their profile | answers what is no HTTP                | no HTTP |
      | users   | look at their profile | breaks off in the middle of its answer | 200     |
      | orders  | order "espresso-cup"  | breaks off in the middle of its answer | 201     |

@P7-02 @resilience @needs.wire-faults @needs.logs
Feature: Orders while another service fails
  An order needs two other services. One short failure of theirs goes unnoticed; a lasting one is said plainly,
  at once, and leaves nothing behind.

  @P7-02.1 @P7-02.2
  Scenario Outline: One failure is made good by asking once more: <service> <status>
    Given a signed-in customer
    And the <service> service fails once with <status>
    When they order "espresso-cup" under the same key
    Then the order is accepted
    And the answer comes within 3 seconds
    And <service> was asked exactly twice
    And the log of orders tells what came of asking <service>: <status>, 200
    And they have ordered exactly once

    Examples:
      | service  | status |
      | products | 503    |
      | products | 502    |
      | users    | 503    |
      | users    | 502    |

  @P7-02.1 @P7-02.2
  Scenario Outline: A failure that lasts is reported after asking twice: <service> <status>
    Given a signed-in customer
    And the <service> service fails twice with <status>
    When they order "espresso-cup" under the same key
    Then it is refused because <service> is unavailable
    And the answer comes within 3 seconds
    And <service> was asked exactly twice
    And the log of orders tells what came of asking <service>: <status>, <status>
    And nothing was ordered

    Examples:
      | service  | status |
      | products | 503    |
      | products | 502    |
      | users    | 503    |
      | users    | 502    |

  @P7-02.2
  Scenario Outline: A service that keeps failing is not asked a third time: <service> <status>
    Given a signed-in customer
    And whenever orders asks <service>, it answers <status>
    When they order "espresso-cup"
    Then it is refused because <service> is unavailable
    And the answer comes within 3 seconds
    And <service> was asked exactly twice
    And the log of orders tells what came of asking <service>: <status>, <status>
    And nothing was ordered

    Examples:
      | service  | status |
      | products | 503    |
      | products | 502    |
      | users    | 503    |
      | users    | 502    |

  @P7-02.1 @P7-02.2
  Scenario Outline: An error that asking again cannot mend is not asked again: <service> <status>
    Given a signed-in customer
    And the <service> service fails once with <status>
    When they order "espresso-cup" under the same key
    Then it is refused because <service> has failed
    And the answer comes within 3 seconds
    And <service> was asked exactly once
    And the log of orders tells what came of asking <service>: <status>
    And nothing was ordered

    Examples:
      | service  | status |
      | products | 500    |
      | products | 504    |
      | products | 401    |
      | products | 403    |
      | users    | 500    |
      | users    | 504    |

  @P7-02.2
  Scenario Outline: An error that lasts is reported at once: <service> <status>
    Given a signed-in customer
    And whenever orders asks <service>, it answers <status>
    When they order "espresso-cup"
    Then it is refused because <service> has failed
    And the answer comes within 3 seconds
    And <service> was asked exactly once
    And nothing was ordered

    Examples:
      | service  | status |
      | products | 500    |
      | products | 504    |
      | products | 401    |
      | products | 403    |
      | users    | 500    |
      | users    | 504    |

  @P7-02.1 @P7-02.2 @P7-02.3
  Scenario Outline: A service's own verdict keeps its meaning: <service> <status>
    Given a signed-in customer
    And the <service> service fails once with <status>
    When they order "espresso-cup"
    Then it is refused because <meaning>
    And the answer comes within 3 seconds
    And <service> was asked exactly once
    And the log of orders tells what came of asking <service>: <status>
    And nothing was ordered

    Examples:
      | service  | status | meaning                  |
      | products | 404    | there is no such product |
      | users    | 401    | nobody is signed in      |
      | users    | 404    | nobody is signed in      |
      | users    | 403    | the account is suspended |

  @P7-02.2 @P7-02.3
  Scenario Outline: A verdict that stands is asked for once: <service> <status>
    Given a signed-in customer
    And whenever orders asks <service>, it answers <status>
    When they order "espresso-cup"
    Then it is refused because <meaning>
    And the answer comes within 3 seconds
    And <service> was asked exactly once
    And the log of orders tells what came of asking <service>: <status>
    And nothing was ordered

    Examples:
      | service  | status | meaning                  |
      | products | 404    | there is no such product |
      | users    | 401    | nobody is signed in      |
      | users    | 404    | nobody is signed in      |
      | users    | 403    | the account is suspended |

  Scenario: A failure while ordering does not use the key up
    Given a signed-in customer
    And the products service fails twice with 503
    And they were refused "espresso-cup" under a key
    When they order "espresso-cup" under the same key
    Then the order is accepted
    And they have ordered exactly once

  Scenario: Customers can look at their orders while products fails
    Given a signed-in customer
    And they have ordered "espresso-cup"
    And the products service fails twice with 503
    And they were refused "espresso-cup"
    When they look at their orders
    Then they see exactly their orders, the newest first

@P7-02 @resilience @needs.wire-faults
Feature: Orders while another service fails
  An order needs two other services. One short failure of theirs goes unnoticed; a lasting one is said plainly,
  at once, and leaves nothing behind.

  @P7-02.1 @P7-02.2
  Scenario Outline: One failure is made good by asking once more: <service> <status>
    Given a signed-in customer
    And the first time orders asks <service>, it answers <status>
    When they order "espresso-cup"
    Then the order is accepted
    And the answer comes within 3 seconds
    And <service> was asked exactly twice
    And between the attempts at <service> lie at least 20 ms
    And the attempts at <service> carried
      | header          | first    | second   |
      | X-Retry-Attempt | 1        | 2        |
      | X-Request-Start | the time | the time |
      | Authorization   | <token>  | <token>  |
    And they have ordered exactly once

    Examples:
      | service  | status | token   |
      | products | 503    | nothing |
      | products | 502    | nothing |
      | users    | 503    | ***     |
      | users    | 502    | ***     |

  @P7-02.2
  Scenario Outline: A failure that lasts is reported after asking twice: <service> <status>
    Given a signed-in customer
    And whenever orders asks <service>, it answers <status>
    When they order "espresso-cup"
    Then it is refused because <service> is unavailable
    And the answer comes within 3 seconds
    And <service> was asked exactly twice
    And they have ordered nothing

    Examples:
      | service  | status |
      | products | 503    |
      | products | 502    |
      | users    | 503    |
      | users    | 502    |

  @P7-02.1 @P7-02.2
  Scenario Outline: An error that asking again cannot mend is not asked again: <service> <status>
    Given a signed-in customer
    And the first time orders asks <service>, it answers <status>
    When they order "espresso-cup"
    Then it is refused because <service> has failed
    And the answer comes within 3 seconds
    And <service> was asked exactly once
    And they have ordered nothing

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
    And the first time orders asks <service>, it answers <status>
    When they order "espresso-cup"
    Then it is refused because <meaning>
    And the answer comes within 3 seconds
    And <service> was asked exactly once
    And they have ordered nothing

    Examples:
      | service  | status | meaning                  |
      | products | 404    | there is no such product |
      | users    | 401    | nobody is signed in      |
      | users    | 404    | nobody is signed in      |
      | users    | 403    | the account is suspended |

  Scenario: A failure while ordering does not use the key up
    Given a signed-in customer
    And the first two times orders asks products, it answers 503
    And they have ordered "espresso-cup" under a key, without success
    When they order "espresso-cup" under the same key
    Then the order is accepted
    And they have ordered exactly once

  Scenario: Customers can look at their orders while products fails
    Given a signed-in customer
    And they have ordered "espresso-cup"
    And the first two times orders asks products, it answers 503
    And they have ordered "espresso-cup", without success
    When they look at their orders
    Then they see exactly their orders, the newest first

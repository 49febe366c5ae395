@P7-02 @resilience @slow @needs.wire-faults @needs.wire-faults.gateway
Feature: A service behind the gateway is in trouble
  The gateway passes on what a service says, waits for it a while, and says plainly when nothing usable comes.
  It never sends a request again that may have been heard.

  Scenario Outline: A service's own answer comes through, and is not asked for again: <service> <status>
    Given a signed-in customer
    And the first time the gateway asks <service>, it answers <status>
    When they <action>
    Then the service's own answer comes through
    And the answer comes within 3 seconds
    And <service> was asked exactly once

    Examples:
      | service  | action                             | status |
      | users    | look at their profile              | 500    |
      | users    | look at their profile              | 502    |
      | users    | look at their profile              | 504    |
      | products | look at the product "espresso-cup" | 500    |
      | products | look at the product "espresso-cup" | 502    |
      | products | look at the product "espresso-cup" | 504    |
      | orders   | order "espresso-cup"               | 500    |
      | orders   | order "espresso-cup"               | 502    |
      | orders   | order "espresso-cup"               | 504    |

  Scenario Outline: A slow answer is waited for: <service> <trouble>
    Given a signed-in customer
    And the first time the gateway asks <service>, it <trouble>
    When they <action>
    Then they get what they asked for
    And the answer comes within 4 seconds
    And <service> was asked exactly once

    Examples:
      | service  | action                             | trouble                      |
      | users    | look at their profile              | answers 0.5 seconds late     |
      | users    | look at their profile              | drips its answer fast enough |
      | products | look at the product "espresso-cup" | answers 0.5 seconds late     |
      | products | look at the product "espresso-cup" | drips its answer fast enough |
      | orders   | order "espresso-cup"               | answers 0.8 seconds late     |
      | orders   | order "espresso-cup"               | drips its answer fast enough |

  # It asks again over each connection that it had kept and that ends without an answer, and then over a new one.
  Scenario Outline: Nothing usable comes back: <service> <trouble>
    Given a signed-in customer
    And whenever the gateway asks <service>, it <trouble>
    When they <action>
    Then it is refused because the gateway got no usable answer
    And the answer comes within 3 seconds

    Examples:
      | service  | action                             | trouble                       |
      | users    | look at their profile              | hangs up instead of listening |
      | users    | look at their profile              | hangs up instead of answering |
      | products | look at the product "espresso-cup" | hangs up instead of listening |
      | products | look at the product "espresso-cup" | hangs up instead of answering |

  # Nobody at all gets through meanwhile. The gateway waits for a service that takes no connections for four seconds.
  @alone
  Scenario: Nobody is there
    Given a signed-in customer
    And whenever the gateway asks users, it cannot be reached
    And whenever the gateway asks products, it cannot be reached
    And whenever the gateway asks orders, it cannot be reached
    When they do all of this at the same time
      | action                             |
      | look at their profile              |
      | look at the product "espresso-cup" |
      | order "espresso-cup"               |
    Then each is refused because the gateway got no usable answer
    And each answer comes within 6 seconds

  Scenario Outline: An order is never sent again by the gateway: <trouble>
    Given a signed-in customer
    And the first time the gateway asks orders, it <trouble>
    When they order "espresso-cup"
    Then it is refused because the gateway got no usable answer
    And the answer comes within 3 seconds
    And orders was asked exactly once
    And they have ordered at most once

    Examples:
      | trouble                       |
      | hangs up instead of listening |
      | hangs up instead of answering |

  Scenario Outline: What is no answer cannot pass for one: <service> <trouble>
    Given a signed-in customer
    And whenever the gateway asks <service>, it <trouble>
    When they <action>, and get nothing usable
    Then nothing came that could pass for an answer
    And it is over within 3 seconds
    And <service> was asked exactly once

    Examples:
      | service  | action                             | trouble                                |
      | users    | look at their profile              | answers what is no HTTP                |
      | users    | look at their profile              | breaks off in the middle of its answer |
      | products | look at the product "espresso-cup" | answers what is no HTTP                |
      | products | look at the product "espresso-cup" | breaks off in the middle of its answer |
      | orders   | order "espresso-cup"               | answers what is no HTTP                |
      | orders   | order "espresso-cup"               | breaks off in the middle of its answer |

  Scenario Outline: The gateway passes on what it does not understand: <service>
    Given a signed-in customer
    And the first time the gateway asks <service>, it answers what is no JSON
    When they <action>, and get nothing usable
    Then the service's words came through unread
    And the answer comes within 3 seconds
    And <service> was asked exactly once

    Examples:
      | service  | action                             |
      | users    | look at their profile              |
      | products | look at the product "espresso-cup" |
      | orders   | order "espresso-cup"               |

  Scenario Outline: The gateway waits five seconds for an answer to begin, not longer: <trouble>
    Given a signed-in customer
    And whenever the gateway asks users, it <trouble>
    And whenever the gateway asks products, it <trouble>
    And whenever the gateway asks orders, it <trouble>
    When they do all of this at the same time
      | action                             |
      | look at their profile              |
      | look at the product "espresso-cup" |
      | order "espresso-cup"               |
    Then each is refused because the gateway got no answer in time
    And each answer comes within 7 seconds

    Examples:
      | trouble                                 |
      | never answers                           |
      | drips its answer from the first byte on |

  Scenario: An answer that has begun is waited for to its end
    Given a signed-in customer
    And the first time the gateway asks products, it drips its answer for more than 5 seconds
    When they look at the product "espresso-cup"
    Then they get what they asked for
    And the answer took more than 5 seconds
    And products was asked exactly once

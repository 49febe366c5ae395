@P7-02 @resilience @needs.wire-faults
Feature: Orders while another service talks nonsense
  An answer that cannot be understood, or is about something else, is no answer: nothing is ordered on its word, and nobody asks for it again.

  Scenario Outline: An answer that is of no use: <service> <trouble>
    Given a signed-in customer
    And whenever orders asks <service>, it <trouble>
    When they order "espresso-cup"
    Then it is refused because <service> has failed
    And the answer comes within 3 seconds
    And <service> was asked exactly once
    And they have ordered nothing

    Examples: what nobody can read
      | service  | trouble                                |
      | products | answers what is no JSON                |
      | products | answers JSON of a wrong shape          |
      | products | answers what is no HTTP                |
      | products | breaks off in the middle of its answer |
      | users    | answers what is no JSON                |
      | users    | answers JSON of a wrong shape          |
      | users    | answers what is no HTTP                |
      | users    | breaks off in the middle of its answer |

    Examples: what can be read, and is about something else
      | service  | trouble                                |
      | products | answers with another product           |
      | users    | answers with another account           |

    Examples: what no product has
      | service  | trouble                                  |
      | products | answers with an empty name               |
      | products | answers with a price below zero          |
      | products | answers with a price beyond 64 bits      |
      | products | answers with a price in a string         |
      | products | answers with a currency in small letters |

    Examples: more than anybody reads
      | service  | trouble                              |
      | products | answers more than a megabyte         |
      | products | answers with a head of 100,000 bytes |
      | users    | answers more than a megabyte         |
      | users    | answers with a head of 100,000 bytes |

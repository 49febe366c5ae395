Feature: Parts that are broken
  Each fault is proven to have taken effect, and the library is well again afterwards.

  @needs.wire-faults @alone
  Scenario: The catalog fails
    Given the catalog answers the desk 503
    When a reader borrows "momo"
    Then the answer is 502
    And the loans do not hold "momo"

  @needs.kill @alone
  Scenario Outline: A service is killed: <service>
    Given <service> is killed
    When a reader asks for <path>
    Then the gateway says that nobody answers

    Examples:
      | service | path   |
      | catalog | /books |
      | desk    | /loans |

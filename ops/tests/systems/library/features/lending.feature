Feature: Lending books
  A reader borrows what the catalog has; the desk keeps the loans.

  Scenario: A book is borrowed
    When a reader borrows "dune"
    Then the answer is 201
    And the loans hold "dune"

  Scenario: A book that the catalog does not have
    When a reader borrows "nobody"
    Then the answer is 404

  @needs.logs
  Scenario: A request is found in the logs by its ID
    When a reader borrows "emma"
    Then the desk's log has a line of that request

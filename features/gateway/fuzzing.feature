@slow @needs.fuzzing @needs.exec
Feature: Requests that nobody thought of
  Each answer of the shop, to any request, is one that its document names, and none is a failure of its own.

  Scenario: Requests are made up from the document, and along its links
    Given a new admin
    When everything that the document allows and forbids is tried in their name
    Then no answer is a failure, and each is documented

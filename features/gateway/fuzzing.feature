@slow @needs.fuzzing @needs.exec
Feature: Requests that nobody thought of
  Whatever is asked of the shop, each answer is one that its document tells of, and none is a failure of its own.

  Scenario: Requests are made up from the document, and along its links
    Given an admin
    When everything that the document allows and forbids is tried in their name
    Then no answer is a failure, and each is documented

@P7-04
Feature: The customer's profile
  A signed-in customer sees their own account.

  Scenario: A customer sees their own account
    Given a signed-in customer
    When they look at their profile
    Then they see the account as it was opened

  Scenario: A visitor has no profile
    Given a visitor
    When they look at their profile
    Then it is refused because nobody is signed in

  @needs.exec
  Scenario: A suspended customer learns of it
    Given a suspended customer
    When they look at their profile
    Then it is refused because the account is suspended

  @needs.exec
  Scenario: A token for an account that does not exist opens nothing
    Given a visitor
    And they hold a proper token of no account
    When they look at their profile
    Then it is refused because nobody is signed in

  Scenario: The signing keys are published without their secrets
    Given a visitor
    When they ask for the signing keys
    Then they get public keys alone

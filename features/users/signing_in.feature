@P7-04
Feature: Signing in
  A customer proves who they are by a password and gets a token that lasts a quarter of an hour.

  Scenario: A customer signs in
    Given a registered customer
    When they sign in
    Then they get a token for 15 minutes

  Scenario: The e-mail address may be written in capitals
    Given a registered customer
    When they sign in with
      | field | value       |
      | email | in capitals |
    Then they get a token for 15 minutes

  @P7-04.2
  Scenario: A wrong password is refused like an unknown address
    Given a registered customer
    And a visitor
    And the other has signed in, without success
    When they sign in with a wrong password
    Then it is refused because the e-mail address or the password is wrong
    And it reads just like the refusal before

  Scenario Outline: To sign in takes an address and a password: <field> <value>
    Given a registered customer
    When they sign in with
      | field | value |
      | <field> | <value> |
    Then it is refused for its "<field>"

    Examples:
      | field    | value    |
      | email    | missing  |
      | email    | a number |
      | password | missing  |
      | password | null     |
      | password | 129 characters |

  @needs.exec
  Scenario: A suspended customer cannot sign in
    Given a suspended customer
    When they sign in
    Then it is refused because the account is suspended

  @needs.exec
  Scenario: A customer whose account is restored is as before
    Given a suspended customer
    And their account is restored
    When they sign in
    Then they get a token for 15 minutes

  @needs.exec
  Scenario: Without the password nobody learns that the account is suspended
    Given a suspended customer
    When they sign in with a wrong password
    Then it is refused because the e-mail address or the password is wrong

  @replicas
  Scenario: After ten wrong passwords the account is closed to further attempts for a while
    Given a registered customer
    And 10 wrong passwords were tried on their account
    When they sign in
    Then it is refused because too many attempts were made
    And they may come back within 15 minutes

  # So many passwords at once keep the users service busy: others would be asked to come back.
  @alone
  Scenario: Guesses at once are no more than guesses one after the other
    Given a registered customer
    When they sign in with a wrong password 12 times at once
    Then at most 10 are refused because the e-mail address or the password is wrong

  # Two times are compared: what others do at the same moment would count for one of them.
  @alone
  Scenario: An unknown address takes as long to refuse as a wrong password
    Given a registered customer
    When a wrong password and an unknown address are tried in turn
    Then both take as long

  @slow @needs.source-addresses @needs.caller-addresses
  Scenario: After a hundred wrong passwords no new address can sign in to the account; one that did before can
    Given a signed-in customer
    And 100 wrong passwords were tried on their account, from ten other addresses
    When they sign in
    Then they get a token for 15 minutes
    And from one more address they are refused because too many attempts were made

  Scenario: Claiming to come from elsewhere does not help to try more passwords
    Given a registered customer
    And 10 wrong passwords were tried on their account, each as if from another address
    When they sign in
    Then it is refused because too many attempts were made

  Scenario: Wrong passwords on one account do not close another
    Given a registered customer
    And another signed-in customer
    And 10 wrong passwords were tried on the other account
    When they sign in
    Then they get a token for 15 minutes

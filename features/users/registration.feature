@P7-04
Feature: Registration
  Anybody can open an account with an e-mail address and a password.

  Scenario: A visitor opens an account
    Given a visitor
    When they register
    Then the account is opened
    And it shows what they sent and nothing secret

  Scenario: An account keeps what they sent, letter for letter
    Given a visitor
    When they register with
      | field | value                              |
      | email | in capitals                        |
      | name  | Zoë Ångström-O'Neil „Ö“, 咖啡 ☕ |
    Then the account is opened
    And it shows what they sent and nothing secret

  Scenario: A name is not needed
    Given a visitor
    When they register with
      | field | value |
      | name | missing |
    Then the account is opened
    And it shows what they sent and nothing secret

  Scenario Outline: A password has 8 to 128 characters: <password>
    Given a visitor
    When they register with
      | field | value |
      | password | <password> |
    Then the account is opened

    Examples:
      | password       |
      | 8 characters   |
      | 128 characters |

  Scenario: An e-mail address has one account
    Given a registered customer
    When they register
    Then it is refused because the e-mail address is taken

  Scenario: An e-mail address has one account, however it is written
    Given a registered customer
    When they register with
      | field | value       |
      | email | in capitals |
    Then it is refused because the e-mail address is taken

  Scenario Outline: A mailbox has one account, in every form of its address: <one>, <other>
    Given a visitor
    When they register with
      | field | value    |
      | email | at <one> |
    Then the account is opened
    When they register with
      | field | value      |
      | email | at <other> |
    Then it is refused because the e-mail address is taken

    Examples:
      | one                | other              |
      | bücher.test        | xn--bcher-kva.test |
      | XN--bcher-kva.test | BÜCHER.test        |
      | shop.test          | ｓｈｏｐ.test     |

  Scenario: Domains that only look alike are different ones
    Given a visitor
    When they register with
      | field | value          |
      | email | at straße.test |
    Then the account is opened
    When they register with
      | field | value           |
      | email | at strasse.test |
    Then the account is opened

  Scenario: Of several who register the same address at once, one gets the account
    Given a visitor
    When they register 5 times at once
    Then exactly 1 account is opened
    And the others are refused because the e-mail address is taken

  Scenario Outline: An account needs proper details: <field> <value>
    Given a visitor
    When they register with
      | field | value |
      | <field> | <value> |
    Then it is refused for its "<field>"

    Examples:
      | field    | value              |
      | email    | missing            |
      | email    | null               |
      | email    | empty              |
      | email    | "nobody"           |
      | email    | "@customers.test"  |
      | email    | "a@b@shop.test"    |
      | email    | 300 characters     |
      | password | missing            |
      | password | 7 characters       |
      | password | 129 characters     |
      | password | a number           |
      | password | one of the commonest |
      | name     | empty              |
      | name     | 101 characters     |
      | name     | a line break       |
      | name     | a character that nobody sees |
      | name     | a turn of the direction of writing |
      | role     | "admin"            |

  Scenario: All mistakes are named at once
    Given a visitor
    When they register with
      | field    | value        |
      | email    | "nobody"     |
      | password | 7 characters |
      | name     | empty        |
    Then it is refused for its "email", "password" and "name"

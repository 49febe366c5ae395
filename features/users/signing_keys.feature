@P7-03 @needs.exec @needs.writable-secrets @slow @alone
Feature: The keys that tokens are signed with
  A key is replaced while the shop is open, without a restart, and no order fails for it.

  Scenario: A new key takes over
    Given 3 signed-in customers
    When each of them orders "espresso-cup" again and again while a new key takes over
    Then each of their orders is accepted
    And who signs in now is given a token of the new key
    And what the old key signed holds on

  Scenario: A key that was stolen is withdrawn
    Given 3 signed-in customers
    When each of them orders "espresso-cup" again and again, signed in anew if need be, while the key is withdrawn
    Then each of their orders is accepted
    And who signs in now is given a token of the new key
    And what the old key signed opens nothing

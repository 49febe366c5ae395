@resilience @backup @slow @alone @needs.exec @needs.sqlite
Feature: Backups
  A backup that is made while customers order has every order that was acknowledged before it began. At most one order of a
  hundred is refused meanwhile.

  # More rounds and customers: python3 -m ops verify --tags @backup -D rounds=40 -D customers=8
  Scenario: Orders is backed up while customers order, and gets its backup back
    Given a signed-in customer
    When others order while orders is backed up and later gets its backup back, round after round
    Then every order that was acknowledged before a backup began is there

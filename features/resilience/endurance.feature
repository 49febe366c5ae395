@P7-02 @resilience @endurance @slow @alone @needs.kill
Feature: Endurance
  However often orders dies while customers order: what was acknowledged is there exactly once, nothing is there that
  nobody ordered, and nothing is half there. A repeated Idempotency-Key makes no second order.

  # More rounds and customers: python3 -m ops verify --tags @endurance -D rounds=40 -D customers=8
  Scenario: Orders is killed again and again while customers order
    Given a signed-in customer
    When others order while orders is killed and started again, round after round
    Then every order of every round is accounted for

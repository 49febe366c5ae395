@P7-04 @journey
Feature: The customer's journey
  From the first visit to an order that can be found again: what every other promise of the shop is for.

  @P7-04.1
  Scenario: A new customer chooses from the catalogue, orders, and finds the order again
    Given a signed-in customer
    And they have chosen a product from the catalogue
    When they order the product
    Then the order is accepted
    And it says what was ordered, by whom and when
    And they have ordered exactly what was accepted

  @P7-04.2
  Scenario: A customer who did not sign in cannot order
    Given a registered customer
    And they have chosen a product from the catalogue
    When they order the product
    Then it is refused because nobody is signed in

  @P7-04.3
  Scenario: The instructions for running these scenarios are written down
    When a newcomer opens the testing guide
    Then the guide has these commands
      | command               |
      | python3 -m ops verify |
      | python3 -m ops test   |
      | python3 -m ops up     |
      | behave                |

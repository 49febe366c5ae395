@P7-02 @resilience @slow @alone @needs.recreate
Feature: A service is replaced
  A new container takes the place of a service's old one, with its data and perhaps at another address. What was
  acknowledged is there afterwards, and customers who order meanwhile are at the worst told to come back.

  Scenario Outline: What was acknowledged is there afterwards: <service>
    Given a signed-in customer
    And they have ordered "espresso-cup" 3 times
    And the <service> service was recreated and is back
    When they look at their orders
    Then they see exactly their orders, the newest first

    Examples:
      | service  |
      | orders   |
      | products |
      | users    |

  Scenario Outline: Customers order while a service is replaced: <service>
    Given 3 signed-in customers
    When each of them orders "espresso-cup" again and again while the <service> service is recreated
    Then each order is accepted, or refused because <service> is away
    And each answer comes within 10 seconds
    And the last order of each is accepted
    And all orders are there as they were accepted

    Examples:
      | service  |
      | orders   |
      | products |
      | users    |

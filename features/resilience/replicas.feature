@P7-02 @resilience @replicas @slow @alone @needs.kill
Feature: Services with several replicas
  A replica that dies costs nobody a look, and at most the orders that were under way on it. Nothing is sent twice
  because of it. `python3 -m ops verify --database postgres --scale orders=2 --tags @replicas` runs these scenarios.

  Scenario Outline: A replica is killed while customers order and look around: <replica>
    Given 3 signed-in customers
    When each of them orders "espresso-cup" and looks around again and again while the <replica> service is killed
    Then every look is answered
    And at most <lost> orders of each are refused because the gateway got no usable answer, and all others accepted
    And the last order of each is accepted
    And all orders are there as they were accepted

    @needs.replicas.orders
    Examples:
      | replica  | lost |
      | orders.2 | 1    |

    @needs.replicas.products
    Examples:
      | replica    | lost |
      | products.2 | 0    |

    @needs.replicas.users
    Examples:
      | replica | lost |
      | users.2 | 0    |

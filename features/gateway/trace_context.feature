@P7-03 @needs.logs
Feature: Traces
  One W3C trace leads from the gateway through every service and every attempt, even where their clocks differ.

  Scenario: One trace leads through all the services that an order needs
    Given a signed-in customer
    When they order "espresso-cup"
    Then the order is accepted
    And these are in one trace: gateway, orders, products, users

  @needs.wire-faults
  Scenario: A second attempt is another span of the same trace
    Given a signed-in customer
    And the first time orders asks products, it answers 503
    When they order "espresso-cup"
    Then the order is accepted
    And these are in one trace: gateway, orders, products, users
    And the two attempts at products are two spans, of which it handled the second

  Scenario: A client's trace is continued
    Given the request "GET /products"
    And its header "traceparent" is 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
    When it is sent
    Then these are in one trace: gateway, products
    And it is the trace "4bf92f3577b34da6a3ce929d0e0e4736", below the client's span "00f067aa0ba902b7"

  Scenario Outline: A malformed traceparent gives way to a new trace: <traceparent>
    Given the request "GET /products"
    And its header "traceparent" is <traceparent>
    When it is sent
    Then these are in one trace: gateway, products
    And it is a new trace

    Examples:
      | traceparent                                                |
      | 00-00000000000000000000000000000000-00f067aa0ba902b7-01    |
      | 00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01    |
      | 00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01    |
      | ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01    |
      | 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x  |
      | 4bf92f3577b34da6a3ce929d0e0e4736                           |

@P7-03 @resilience @alone @needs.source-addresses @needs.caller-addresses
Feature: A client that takes too much
  Who asks for too much at a time, or never ends a request, is held back. Everybody else is served as ever.

  Scenario: Somebody registers a taken address over 60 connections
    Given a signed-in customer
    When they order, sign in and ask for the signing keys while somebody else registers their address over 60 connections
    Then they are served each time, within 2 seconds
    And somebody else is refused each time, most often because too many attempts were made

  Scenario: Somebody begins 700 requests and ends none
    Given a signed-in customer
    And somebody else has begun 700 requests and ends none
    When they order "espresso-cup"
    Then the order is accepted
    And somebody else is refused because too many attempts were made

@P7-03
Feature: The gateway's own errors
  Errors that nginx makes read like those of the services: problem+json, with a status, a type and a request ID.

  Scenario Outline: A method that a route does not have: <request>
    Given the request "<request>"
    When it is sent
    Then the answer is 405 method-not-allowed
    And its header "Allow" names <allowed>

    Examples:
      | request                   | allowed |
      | DELETE /orders            | GET     |
      | DELETE /products          | GET     |
      | PUT /users/me             | GET     |
      | GET /users/login          | POST    |
      | PATCH /orders/1           | GET     |

  Scenario: A body that is too large
    Given any signed-in customer
    And the request "POST /orders"
    And its header "Authorization" is Bearer {token}
    And its body is 70,000 characters
    When it is sent
    Then the answer is 413 body-too-large

  @slow
  Scenario Outline: A request that never ends is given up: <bytes>
    When bytes are sent that never end: <bytes>
    Then nothing came that could pass for an answer
    And it is over within 7 seconds

    Examples:
      | bytes                |
      | a head without an end |
      | a body without an end |

  @needs.source-addresses
  Scenario: One address that signs in too often is held back
    Given the request "POST /users/login"
    And its body is "{}"
    When it is sent 60 times at once
    Then some answers are 429 too-many-attempts, with Retry-After, and none is worse

  @needs.source-addresses
  Scenario: Others sign in while one address is held back
    Given a registered customer
    And somebody else sends too many sign-ins from an address of their own
    When they sign in
    Then they get a token for 15 minutes

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

  Scenario Outline: What nginx refuses by itself: <bytes>
    When bytes are sent that hold <bytes>
    Then the answer is <answer>

    Examples:
      | bytes                           | answer            |
      | a request line of 20,000 bytes  | 414 uri-too-long  |
      | a header of 20,000 bytes        | 400 bad-request   |
      | no Host                         | 400 bad-request   |
      | a method that is no token       | 400 bad-request   |
      | HTTP version 9.9                | 505 http-version-not-supported |
      | an unknown Transfer-Encoding    | 501 not-implemented |
      | a TRACE request                 | 405 method-not-allowed |

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

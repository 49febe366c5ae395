@P7-03
Feature: Headers of every answer
  Success or error, from a service or from the gateway itself: the same headers, once each, and no word of what runs here.

  Scenario Outline: Every answer is careful: <request>
    Given the request "<request>"
    When it is sent
    Then the answer has these headers, once each
      | header                 | value    |
      | X-Content-Type-Options | nosniff  |
      | Cache-Control          | no-store |
    And it reveals no version of what runs here

    Examples:
      | request             |
      | GET /products       |
      | GET /users/me       |
      | GET /orders         |
      | GET /healthz        |
      | GET /no/such/route  |
      | DELETE /orders      |

  @needs.logs
  Scenario: The gateway logs the client's real address, not a claimed one
    Given the request "GET /products"
    And its header "X-Forwarded-For" is 198.51.100.7
    When it is sent
    Then no log contains 198.51.100.7

  Scenario: The cookies that a browser carries about do no harm
    Given a signed-in customer
    When bytes are sent that hold an order with a cookie of 16,000 bytes
    Then the answer is 201

  Scenario: A page of another site gets no leave to ask (CORS)
    Given the request "OPTIONS /orders"
    And its header "Origin" is https://elsewhere.test
    And its header "Access-Control-Request-Method" is POST
    When it is sent
    Then the answer is 405 method-not-allowed
    And no header of it begins with "Access-Control-"

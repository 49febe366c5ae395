@P7-03
Feature: Routing
  The gateway sends /users, /products and /orders to their services, answers /healthz itself, and knows nothing else.

  @P7-03.1
  Scenario Outline: A route is answered by the service that owns it: <request>
    Given the request "<request>"
    When it is sent
    Then the answer is <answer>

    Examples:
      | request                            | answer                    |
      | GET /users/me                      | 401 unauthenticated       |
      | GET /users/.well-known/jwks.json   | 200                       |
      | GET /users/nothing/here            | 404 not-found             |
      | GET /products                      | 200                       |
      | GET /products?limit=1              | 200                       |
      | GET /products/espresso-cup         | 200                       |
      | GET /products/no-such-cup          | 404 product-not-found     |
      | GET /orders                        | 401 unauthenticated       |
      | GET /healthz                       | 200                       |

  @P7-03.1 @needs.logs
  Scenario Outline: The service that owns a route is the one that saw the request: <request>
    Given the request "<request>"
    When it is sent
    Then these saw it: gateway, <service>
    And their log lines tell its method, path and status

    Examples:
      | request                            | service  |
      | GET /users/me                      | users    |
      | GET /users/.well-known/jwks.json   | users    |
      | GET /products?limit=1              | products |
      | GET /products/espresso-cup         | products |
      | GET /orders                        | orders   |

  @P7-03.1 @needs.logs
  Scenario: The gateway answers for its own health
    Given the request "GET /healthz"
    When it is sent
    Then these saw it: gateway

  @P7-03.1
  Scenario Outline: What is no route is not found: <path>
    Given the raw request line "GET <path> HTTP/1.1"
    When it is sent
    Then the answer is 404 not-found

    Examples:
      | path                      |
      | /                         |
      | /usersXYZ                 |
      | /user                     |
      | /Users/me                 |
      | /livez                    |
      | /readyz                   |
      | /metrics                  |
      | /openapi.json             |
      | /healthz/                 |
      | /wait                     |
      | /favicon.ico              |
      | /.git/config              |
      | //users/me                |
      | /users//me                |
      | /users/./me               |
      | /products/../users/me     |
      | /users%2fme               |
      | /%75sers/me               |
      | /products/%2e%2e/users/me |

  @P7-03.1
  Scenario: A signed-in customer is known behind the gateway
    Given a signed-in customer
    And the request "GET /users/me"
    And its header "Authorization" is Bearer {token}
    When it is sent
    Then the answer is 200

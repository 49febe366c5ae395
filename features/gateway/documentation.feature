@P7-03
Feature: The reference of the API
  The gateway serves one document of the whole API, and a page that shows it and tries it, with nothing from elsewhere.

  Scenario Outline: The page and all that it is made of: <path>
    Given the request "GET <path>"
    When it is sent
    Then the answer is 200
    And the answer has these headers, once each
      | header                 | value       |
      | Content-Type           | <type>      |
      | Cache-Control          | no-cache    |
      | X-Content-Type-Options | nosniff     |
      | Referrer-Policy        | no-referrer |
    And it lets a browser run what the gateway serves, and nothing else

    Examples:
      | path                            | type             |
      | /docs                           | text/html        |
      | /docs/                          | text/html        |
      | /docs/page.js                   | text/javascript  |
      | /docs/library/swagger_bundle.js | text/javascript  |
      | /docs/library/swagger_style.css | text/css         |
      | /docs/openapi.json              | application/json |

  Scenario: The document describes every route that the gateway has, and no other
    Given the request "GET /docs/openapi.json"
    When it is sent
    Then it describes exactly these operations
      | operation                        |
      | POST /users/register             |
      | POST /users/login                |
      | GET /users/me                    |
      | GET /users/.well-known/jwks.json |
      | GET /products                    |
      | POST /products                   |
      | GET /products/{productId}        |
      | PATCH /products/{productId}      |
      | POST /orders                     |
      | GET /orders                      |
      | GET /orders/{orderId}            |
      | GET /healthz                     |

  Scenario Outline: What the reference refuses reads like every other error: <request>
    Given the request "<request>"
    When it is sent
    Then the answer is <answer>

    Examples:
      | request                  | answer                 |
      | GET /docs/missing        | 404 not-found          |
      | GET /docs/library/       | 404 not-found          |
      | POST /docs               | 405 method-not-allowed |
      | DELETE /docs/openapi.json | 405 method-not-allowed |

  Scenario: Who reads the reference is known by the request's own ID
    Given the request "GET /docs"
    And its header "X-Request-ID" is my.Request_{key}
    When it is sent
    Then the answer bears the same X-Request-ID, once

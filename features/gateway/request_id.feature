@P7-03
Feature: Request IDs
  One ID names a request at the client, at the gateway, in every service and in every log line.

  Scenario Outline: A well-formed ID is kept: <request>
    Given the request "<request>"
    And its header "X-Request-ID" is my.Request_{key}
    When it is sent
    Then the answer bears the same X-Request-ID, once

    Examples:
      | request              |
      | GET /products        |
      | GET /users/me        |
      | GET /orders          |
      | GET /healthz         |
      | GET /no/such/route   |
      | DELETE /orders       |

  Scenario Outline: A well-formed ID has 8 to 64 characters: <id>
    Given the request "GET /products"
    And its header "X-Request-ID" is <id>
    When it is sent
    Then the answer bears the same X-Request-ID, once

    Examples:
      | id                                                               |
      | eight-8.                                                         |
      | an-id-of-64-characters-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb |

  Scenario Outline: A malformed ID gives way to a fresh one: <id>
    Given the request "GET /products"
    And its header "X-Request-ID" is <id>
    When it is sent
    Then the answer bears a fresh X-Request-ID of 32 hex digits

    Examples:
      | id                                |
      | short-1                           |
      | -begins-with-a-dash               |
      | .begins-with-a-dot                |
      | two words here                    |
      | <script>alert(1)</script>         |
      | "quoted-id-1234"                  |
      | id;drop-table-orders              |
      | ${jndi:ldap://x}                  |
      | an-id-of-65-characters-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa |

  Scenario Outline: A request without an ID gets one, which is the service's too: <request>
    Given the request "<request>"
    And its header "X-Request-ID" is missing
    When it is sent
    Then the answer bears a fresh X-Request-ID of 32 hex digits

    Examples: Answers
      | request                |
      | GET /products          |

    Examples: Problems of a service, which name the request
      | request                |
      | GET /users/me          |
      | GET /products/no-such  |
      | GET /orders            |

  @needs.logs
  Scenario Outline: An ID of the gateway's leads into the service's log: <id>
    Given the request "GET /users/me"
    And its header "X-Request-ID" is <id>
    When it is sent
    Then these saw it: gateway, users

    Examples:
      | id      |
      | missing |
      | <{key}> |

  @needs.logs
  Scenario: One ID leads through all the services that an order needs
    Given a signed-in customer
    When they order "espresso-cup"
    Then the order is accepted
    And these saw it: gateway, orders, products, users
    And the log of orders has these outcomes of calls to users: 200
    And the log of orders has these outcomes of calls to products: 200

  @needs.logs
  Scenario: The gateway's log says where a request went and how long it took
    Given the request "GET /products"
    When it is sent
    Then the gateway's log line has these fields
      | field          |
      | ts             |
      | method         |
      | path           |
      | status         |
      | durationMs     |
      | upstreamAddr   |
      | upstreamStatus |
      | upstreamMs     |

  @needs.logs
  Scenario: A malformed ID is in no log
    Given the request "GET /products"
    And its header "X-Request-ID" is <{key}>
    When it is sent
    Then no log contains {key}

@P7-03
Feature: Protected paths
  Without a token of the shop's own a protected path answers 401, and always in the same words.

  @P7-03.2
  Scenario Outline: A protected path asks for a token: <request>
    Given the request "<request>"
    When it is sent
    Then the answer is 401 unauthenticated
    And its header "WWW-Authenticate" names Bearer

    Examples:
      | request                      |
      | GET /users/me                |
      | POST /products               |
      | PATCH /products/espresso-cup |
      | GET /orders                  |
      | POST /orders                 |
      | GET /orders/1                |

  @P7-03.2
  Scenario Outline: Every token that is not the shop's gets the same answer: <token>
    Given a visitor
    And they hold <token>
    And the request "GET /orders"
    And its header "Authorization" is Bearer {token}
    When it is sent
    Then the answer is 401 unauthenticated
    And it reads like the answer to the same request without a token

    Examples:
      | token                                          |
      | an empty token                                 |
      | a made-up token                                |
      | three dots                                     |
      | a token of 5,000 characters                    |
      | a token signed with a stranger's key           |
      | a token that names no key                      |
      | a token without a signature                    |
      | a token signed with the public key as a secret |
      | a token whose claims are no object             |

  @P7-03.2 @needs.exec
  Scenario Outline: A token of the shop's own key must hold in every claim: <token>
    Given a visitor
    And they hold <token>
    And the request "GET /orders"
    And its header "Authorization" is Bearer {token}
    When it is sent
    Then the answer is 401 unauthenticated
    And it reads like the answer to the same request without a token

    Examples:
      | token                         |
      | an expired token              |
      | a token of another issuer     |
      | a token for another audience  |
      | a token for several audiences |
      | a token issued in the future  |
      | a token not valid yet         |
      | a token that never expires    |
      | a token of nobody             |
      | a token without an issuer     |
      | a token without an audience   |
      | a token without an issue time |
      | a token without an ID         |
      | a token without a role        |
      | a proper token of 5,000 characters |

  @P7-03.2 @needs.exec
  Scenario Outline: A token that was good opens nothing once it has ended: <action>
    Given a signed-in customer
    And they hold <token>
    And they have <done>
    When they <action> once their token has ended
    Then it is refused because nobody is signed in

    Examples:
      | token                                   | done                          | action                      |
      | a token that ends in 3 seconds          | looked at their profile       | look at their profile       |
      | a token that ends in 3 seconds          | looked at their orders        | look at their orders        |
      | an admin's token that ends in 3 seconds | added a product for 12.37 EUR | add a product for 12.37 EUR |

  @needs.wire-faults
  Scenario: Forged tokens make nobody ask for keys again and again
    Given a visitor
    And they hold a token that names an unknown key
    When they look at their orders 30 times at once
    Then each is refused because users is unavailable, or nobody is signed in
    And orders asked for the keys at most five times

  Scenario: A key that nobody knows may be a new one until the keys were asked for once more
    Given a visitor
    And they hold a token that names an unknown key
    When they look at their orders
    Then it is refused because users is unavailable
    And they may come back within 5 seconds
    When they look at their orders again and again until nobody is signed in

  @P7-03.2
  Scenario Outline: A token must come as a bearer token: <header>
    Given any signed-in customer
    And the request "GET /orders"
    And its header "Authorization" is <header>
    When it is sent
    Then the answer is 401 unauthenticated

    Examples:
      | header        |
      | {token}       |
      | Basic {token} |
      | Bearer        |
      | Bearer x {token} |

  @P7-03.2
  Scenario: Two tokens are none
    Given any signed-in customer
    When bytes are sent that hold two Authorization headers
    Then the answer is 400 bad-request or 401 unauthenticated

  @P7-03.2
  Scenario: The token is judged before the body
    Given the request "POST /orders"
    And its body is "no JSON"
    When it is sent
    Then the answer is 401 unauthenticated

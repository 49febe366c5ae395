@P7-03
Feature: Bad input
  For any input the answer is a problem that says whose fault it is: never a 5xx, HTML, a traceback or a version.

  Scenario Outline: A bad body: <bytes>
    Given any signed-in customer
    When bytes are sent that hold <bytes>
    Then the answer is <answer>

    Examples: what is no JSON
      | bytes                                       | answer             |
      | an order of no bytes                        | 400 malformed-body |
      | an order cut off in the middle              | 400 malformed-body |
      | an order in plain words                     | 400 malformed-body |
      | an order in single quotes                   | 400 malformed-body |
      | an order with a comma too many              | 400 malformed-body |
      | an order of two documents                   | 400 malformed-body |
      | an order for NaN                            | 400 malformed-body |
      | an order for Infinity                       | 400 malformed-body |
      | an order nested 30,000 deep                 | 400 malformed-body |
      | an order with a lone surrogate              | 400 malformed-body |
      | an order in broken UTF-8                    | 400 malformed-body |
      | an order in UTF-16                          | 400 malformed-body |
      | an order of zero bytes                      | 400 malformed-body |

    Examples: what is JSON, but no order
      | bytes                                       | answer                |
      | an order that is null                       | 422 validation-failed |
      | an order that is a list                     | 422 validation-failed |
      | an order that is a string                   | 422 validation-failed |
      | an order that is an empty object            | 422 validation-failed |
      | an order for a number of 1,000 digits       | 422 validation-failed |
      | an order for a product with a zero byte     | 422 validation-failed |
      | an order for a product of 60,000 characters | 422 validation-failed |
      | an order with 1,000 fields too many         | 422 validation-failed |
      | an order under no key                       | 422 validation-failed |
      | an order under a key of 300 characters      | 422 validation-failed |
      | a registration with a zero byte             | 422 validation-failed |
      | a registration with an object for a name    | 422 validation-failed |
      | a sign-in with a list for a password        | 422 validation-failed |

    Examples: what is not sent as JSON
      | bytes                                       | answer                     |
      | an order as plain text                      | 415 unsupported-media-type |
      | an order as a form                          | 415 unsupported-media-type |
      | an order as XML                             | 415 unsupported-media-type |
      | an order of no media type                   | 415 unsupported-media-type |

  Scenario Outline: A bad request line or header: <bytes>
    Given any signed-in customer
    When bytes are sent that hold <bytes>
    Then the answer is <answer>

    Examples:
      | bytes                                | answer                 |
      | two Hosts                            | 400 bad-request        |
      | no Host                              | 400 bad-request        |
      | a Host with a slash                  | 400 bad-request        |
      | two lengths                          | 400 bad-request        |
      | a negative length                    | 400 bad-request        |
      | a length in words                    | 400 bad-request        |
      | a length and chunks                  | 400 bad-request        |
      | a chunk of no size                   | 400 bad-request        |
      | a zero byte in a header              | 400 bad-request        |
      | a space in a header's name           | 400 bad-request        |
      | a zero byte in the path              | 400 bad-request        |
      | a path that begins with no slash     | 400 bad-request        |
      | a path that leaves the root          | 400 bad-request        |
      | a broken percent sign                | 400 bad-request        |
      | a method in small letters            | 400 bad-request        |
      | a greeting of another protocol       | 400 bad-request        |
      | a header of 20,000 bytes             | 431 headers-too-large  |
      | a request line of 20,000 bytes       | 414 uri-too-long       |
      | a CONNECT request                    | 400 bad-request or 405 method-not-allowed |
      | a TRACE request                      | 405 method-not-allowed |
      | a method that is no token            | 400 bad-request        |
      | HTTP version 9.9                     | 505 http-version-not-supported |
      | an unknown Transfer-Encoding         | 501 not-implemented    |
      | a method that nobody knows           | 405 method-not-allowed |

  Scenario Outline: A bad path or query: <path>
    Given any signed-in customer
    And the raw request line "GET <path> HTTP/1.1"
    When it is sent
    Then the answer is <answer>

    Examples:
      | path                                  | answer                |
      | /products/%FF                         | 404 not-found         |
      | /products/%F0%28%8C%28                | 404 not-found         |
      | /products/%0d%0aSet-Cookie:x          | 404 product-not-found |
      | /products/%27%20OR%201=1--            | 404 product-not-found |
      | /products/99999999999999999999999     | 404 product-not-found |
      | /orders/99999999999999999999999       | 404 order-not-found   |
      | /orders/%C0%AF                        | 404 not-found         |
      | /products?limit=1e2                   | 422 validation-failed |
      | /products?limit=99999999999999999999  | 422 validation-failed |
      | /products?limit=                      | 422 validation-failed |
      | /products?limit=NaN                   | 422 validation-failed |
      | /products?after=%00                   | 422 validation-failed |
      | /products?q=%00                       | 422 validation-failed |
      | /products?q=%FF                       | 422 validation-failed |
      | /products?q=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | 422 validation-failed |
      | /orders?after=%00                     | 422 validation-failed |

Feature: The gateway
  It answers for itself, and every answer has a request ID.

  Scenario Outline: <path> is answered
    When a reader asks for <path>
    Then the answer is <status>
    And it has a request ID

    Examples:
      | path    | status |
      | /up     | 200    |
      | /books  | 200    |
      | /loans  | 200    |
      | /cellar | 404    |

  @needs.gateway-config
  Scenario: Its configuration is valid
    Then nginx accepts the configuration that it runs with

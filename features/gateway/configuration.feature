@P7-03 @needs.gateway-config
Feature: The gateway's configuration
  What the gateway runs on is checked before it is deployed, and as it runs.

  @P7-03.3
  Scenario: nginx accepts the configuration, and no other check finds anything
    When the gateway's configuration is checked
    Then every check holds, nginx's own among them

@P7-05
Feature: The operations guide
  One guide shows an operator whether the shop works, and what to do when it does not.

  @P7-05.1
  Scenario: The smoke checklist does what it says
    When the smoke checklist is followed as it stands
    Then every step holds that the stack can take

  @P7-05.1
  Scenario: The minute's list shows what it says
    When the minute's list is pasted into a shell
    Then it shows the statuses that it names

  @P7-05.2
  Scenario: What went wrong before has a cure
    When an operator opens the operations guide
    Then at least 5 troubles have a symptom, a cause, a command and a cure
    And each of these commands is one that ops has

  @P7-05.3
  Scenario: README leads to the guide
    When a newcomer opens README
    Then it links to "docs/operations.md"
    And it links to "docs/smoke.md"

@P7-02 @resilience @alone @needs.wire-faults @needs.usage @slow.minute
Feature: More orders than can be placed
  Orders that come faster than they can be placed must not cost those that can. What is too much is refused at once, and
  when it is over it is over.

  Scenario: Two and a half times as many orders come as can be placed, for half a minute
    Given 8 signed-in customers
    And whenever orders asks products for one of them, it answers 0.3 seconds late
    And it is known how many orders a second can be placed meanwhile
    When two and a half times as many come for 30 seconds, however long the answers take
    Then at least 80 % of what can be placed is placed
    And every other order is refused with 503 within 3 seconds, nine of ten within 1.5, and says when to come again
    But at most 2 % of all orders begin, and end at a deadline within 3 seconds
    And orders uses no more memory than before, but for 16 MiB
    And 2 seconds later half of what can be placed is placed without a refusal, for 5 seconds
    And all orders are there as they were accepted

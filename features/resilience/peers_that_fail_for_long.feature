@P7-02 @resilience @alone @needs.wire-faults @needs.usage
Feature: Orders while another service fails for long
  A failure that lasts is no reason to ask more often, to grow, or to keep anybody else waiting. Nobody feels it but
  those who order, each of them gets a clear refusal in time, and when it is over it is over.

  Scenario Outline: Many go on ordering for <seconds> seconds while products <trouble>
    Given 8 signed-in customers
    And whenever orders asks products for one of them, it <trouble>
    When each orders again and again in 6 windows for <seconds> seconds, and others look around
    Then every order is refused within 3 seconds because <reasons>, or there is too much to do
    And products was asked at most twice for each order, by 5 calls at a time
    And orders has not grown: its memory, its threads, its connections
    And the others are all served, each within 3 seconds
    And the first order once products is back is accepted

    @slow
    Examples: a short while
      | seconds | trouble       | reasons                                                       |
      | 3       | answers 503   | products is unavailable                                       |
      | 3       | never answers | products has not answered in time, or products is unavailable |

    @slow.minute
    Examples: a whole minute
      | seconds | trouble       | reasons                                                       |
      | 60      | answers 503   | products is unavailable                                       |
      | 60      | never answers | products has not answered in time, or products is unavailable |

@P7-04
Feature: The catalogue
  Anybody can look at the products, page by page, and search them. A search of a large catalogue may have pages that are
  not full, or empty: it is over when there is no page to follow.

  Scenario: A visitor sees products with their names and prices
    Given a visitor
    When they look at the catalogue
    Then they see 20 products, each with a name and a price
    And there are more to see

  Scenario: The catalogue holds at least 24 products
    Given a visitor
    When they ask for a page of 100 products
    Then they see at least 24 products, each with a name and a price

  Scenario: Leafing through the catalogue shows each product once, in order
    Given a visitor
    When they leaf through the catalogue, 7 at a time
    Then each page but the last holds 7 of them
    And every product comes once, in the order of its ID

  Scenario Outline: A search finds what contains the words, in whatever case: <words>
    Given a visitor
    When they search the catalogue for "<words>"
    Then they find "espresso-cup" and only what contains "<words>"

    Examples:
      | words        |
      | espresso     |
      | ESPRESSO     |
      | presso-c     |

  Scenario Outline: A search takes every character as it is: <words>
    Given a visitor
    When they search the catalogue for "<words>"
    Then they find nothing

    Examples:
      | words            |
      | espresso%cup     |
      | espresso_cup     |
      | ' OR '1'='1      |
      | nothing-of-that  |

  Scenario Outline: A page of products must have a sensible size: <limit>
    Given a visitor
    When they ask for a page of <limit> products
    Then it is refused for its "limit"

    Examples:
      | limit |
      | 0     |
      | -1    |
      | 101   |
      | many  |
      | 1.5   |

  Scenario: A product has a page of its own
    Given a visitor
    When they look at the product "espresso-cup"
    Then they see the product as the catalogue shows it

  Scenario Outline: A product that does not exist is not found: <product>
    Given a visitor
    When they look at the product "<product>"
    Then it is refused because there is no such product

    Examples:
      | product              |
      | a-cup-that-never-was |
      | Espresso-Cup         |
      | espresso cup         |
      | ☕                   |

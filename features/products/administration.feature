@P7-04
Feature: Keeping the catalogue
  Admins add products and change their names and prices; nobody else does.

  @needs.exec
  Rule: Admins keep the catalogue

    Scenario: An admin adds a product
      Given an admin
      When they add a product for 12.37 EUR
      Then the product is added
      And the catalogue shows it at once

    Scenario: A product is added only once
      Given an admin
      And they have added a product for 12.37 EUR
      When they add the same product again
      Then it is refused because the product exists already

    Scenario: An admin changes a price
      Given an admin
      And they have added a product for 12.37 EUR
      When they change its price to 13.49 EUR
      Then the product is changed
      And the catalogue shows it at once

    Scenario: An admin changes a name
      Given an admin
      And they have added a product for 12.37 EUR
      When they change its name to "Tasse à café, GROSS ☕"
      Then the product is changed
      And the catalogue shows it at once

    Scenario: A name and a price that are changed at the same time are both changed
      Given an admin
      And they have added a product for 12.37 EUR
      When they do all of this at the same time
        | action                                  |
        | change its name to "Cup, large"         |
        | change its price to 13.49 EUR           |
      Then the catalogue shows it at once

    Scenario: Two admins who change one price at the same time get one of the two
      Given an admin
      And a new admin
      And they have added a product for 12.37 EUR
      When the two of them change prices at the same time
        | they                          | the other                     |
        | change its price to 13.49 EUR | change its price to 99.01 USD |
      Then each gets their own change for an answer
      And the catalogue shows one of these answers

    Scenario Outline: A product may be as large as this: <field> <value>
      Given an admin
      When they add a product with
        | field   | value   |
        | <field> | <value> |
      Then the product is added
      And the catalogue shows it at once

      Examples:
        | field        | value          |
        | name         | 200 characters |
        | price.amount | 1000000000000  |
        | price.amount | 0              |

    Scenario: A product that does not exist cannot be changed
      Given an admin
      When they change the name of "a-cup-that-never-was"
      Then it is refused because there is no such product

    Scenario Outline: A change must change something it may: <field> <value>
      Given an admin
      And they have added a product for 12.37 EUR
      When they change the product with
        | field   | value   |
        | <field> | <value> |
      Then it is refused because the change is invalid
      And the catalogue shows it as it was

      Examples:
        | field | value       |
        | name  | missing     |
        | name  | empty       |
        | name  | null        |
        | price | a number    |
        | id    | "other-cup" |

    Scenario Outline: A product needs proper details: <field> <value>
      Given an admin
      When they add a product with
        | field   | value   |
        | <field> | <value> |
      Then it is refused for its "<pointer>"

      Examples:
        | field          | value           | pointer        |
        | id             | missing         | id             |
        | id             | "Large Cup"     | id             |
        | id             | 65 characters   | id             |
        | name           | missing         | name           |
        | name           | empty           | name           |
        | name           | blanks alone    | name           |
        | name           | 201 characters  | name           |
        | price          | missing         | price          |
        | price.amount   | -1              | price/amount   |
        | price.amount   | a fraction      | price/amount   |
        | price.amount   | 1000000000001   | price/amount   |
        | price.currency | "euro"          | price/currency |
        | price.currency | missing         | price/currency |

  Rule: Nobody else does

    Scenario: A customer cannot add a product
      Given a signed-in customer
      When they add a product for 12.37 EUR
      Then it is refused because they are no admin

    Scenario: A customer cannot change a product
      Given a signed-in customer
      When they change the name of "espresso-cup"
      Then it is refused because they are no admin

    Scenario: A visitor cannot add a product
      Given a visitor
      When they add a product for 12.37 EUR
      Then it is refused because nobody is signed in

    Scenario: A customer does not become an admin by saying so
      Given a signed-in customer
      And they hold their own token, altered to say that they are an admin
      When they add a product for 12.37 EUR
      Then it is refused because nobody is signed in

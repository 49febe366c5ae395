"""Customers order while parts break; afterwards every order is accounted for.

What each of them did is a history (after Jepsen): an operation is invoked, then ok, failed (for sure nothing was
ordered) or unknown (either may be). Against what the customers find when they read their orders back, every
acknowledged order must be there exactly once, every unknown one at most once, and nothing else.
"""

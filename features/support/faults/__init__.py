"""The faults that a scenario asks for, in words, and the recoveries that follow."""

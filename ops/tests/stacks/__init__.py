"""What every kind of stack promises."""

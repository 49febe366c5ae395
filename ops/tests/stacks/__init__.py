"""What every stack promises, whatever it is made of."""

"""What the steps stand on: one typed World per scenario, and the parts that it is made of."""

"""Who acts in a scenario, and what they do: customers, actions, forms, the operator."""

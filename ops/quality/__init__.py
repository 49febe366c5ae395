"""The parts of `ops test`: each runs one of the field's tools, or our own `verify`, and counts what held."""

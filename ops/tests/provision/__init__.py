"""The engine and what it stands on, tried with a second engine that meets the first one nowhere."""

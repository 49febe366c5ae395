"""The Compose stack on a real engine; skipped, with the reason, where none answers."""

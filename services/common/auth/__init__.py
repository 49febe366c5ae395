"""Who asks: access tokens, the keys that sign them, and the keys as they are published."""

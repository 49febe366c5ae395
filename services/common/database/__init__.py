"""A service's own database: SQLite or PostgreSQL, its readiness, its backup."""

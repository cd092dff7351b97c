"""The store, on SQLite or PostgreSQL: schema, writer, what the planner asks. Knows no HTTP."""

"""Tables for people, in SQLite, PostgreSQL or TimescaleDB: projections, never the truth."""

"""The checks of the cascade, one file a family; each returns an objection or None."""

"""Numbers we publish, each with the command that made it."""

"""The vocabulary that every room speaks: values, facts, intents, doors and errors."""

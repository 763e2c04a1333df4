"""The engine as a service: it stays up, takes signals, follows quotes, and answers for itself."""

"""What strategies may say, and what a well-formed signal is."""

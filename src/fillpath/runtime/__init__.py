"""Plumbing that every shell needs and that is not about trading."""

"""Leases: which engine runs which account."""

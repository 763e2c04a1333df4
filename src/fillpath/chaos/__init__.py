"""Deterministic simulation: the real engine under virtual time, and everything that can go wrong."""

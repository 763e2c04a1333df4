"""Fillpath: the execution path from a trading signal to a measured fill."""

__version__ = "0.1.0"

"""From a signal to a measured fill."""

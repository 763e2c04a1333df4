"""Contract suites and builders for whoever writes an adapter."""

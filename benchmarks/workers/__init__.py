"""Worker scripts, one per system; each runs inside the environment of that system."""

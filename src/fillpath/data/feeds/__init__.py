"""Where quotes come from; one file for each source."""

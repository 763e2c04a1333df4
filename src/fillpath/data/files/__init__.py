"""Input files of a replay, read in columns and checked row by row: what is wrong is named."""

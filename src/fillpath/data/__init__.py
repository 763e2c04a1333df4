"""Out of the process and back: feeds, files, journal and stores."""

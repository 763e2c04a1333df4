"""Research: composes the rooms for replays, as app does for trading."""

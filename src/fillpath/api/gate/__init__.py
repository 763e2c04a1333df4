"""What every request passes before a route sees it, outermost first: one small file for each."""

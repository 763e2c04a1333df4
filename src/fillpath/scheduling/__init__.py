"""When: sessions, timers and the jobs that follow them."""

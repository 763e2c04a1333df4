"""Who may do what at the dashboard, how they prove who they are, and what is remembered of it."""

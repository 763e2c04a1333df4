"""What stands between Backtrader and our simulated broker; only ``library`` may meet Backtrader."""

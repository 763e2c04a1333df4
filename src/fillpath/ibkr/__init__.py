"""The one door to Interactive Brokers; the broker, the feed and the data adapter stand on it."""

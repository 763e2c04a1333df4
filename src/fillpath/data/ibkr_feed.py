"""The market feed under the name that the specification gives it."""

from fillpath.data.feeds.ibkr_feed import FeedHealth, FeedPolicy, IBKRMarketFeed

__all__ = ["FeedHealth", "FeedPolicy", "IBKRMarketFeed"]

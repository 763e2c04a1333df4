"""Strategies in processes of their own, which know nothing of brokers, journals and passwords."""

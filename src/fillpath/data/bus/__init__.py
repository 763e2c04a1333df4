"""The bus: signals in, fills and orders and alerts out; transport only, never the truth."""

"""Failed assertions of the shipped suites show their values."""

import pytest

for module in ("accounts", "orders", "resting"):
    pytest.register_assert_rewrite(f"fillpath.testing.broker_{module}")
for module in ("clock", "feed"):
    pytest.register_assert_rewrite(f"fillpath.testing.{module}_contract")

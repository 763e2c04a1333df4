"""What every test shares: how Hypothesis searches."""

import pytest
from hypothesis import HealthCheck, settings

# Failed assertions of the shipped suites show their values; said before anything imports them.
for module in ("accounts", "orders", "resting"):
    pytest.register_assert_rewrite(f"fillpath.testing.broker_{module}")
for module in ("clock", "feed"):
    pytest.register_assert_rewrite(f"fillpath.testing.{module}_contract")

pytest_plugins = ["tests.servers", "tests.postgres", "tests.control_results"]

# A shared machine is sometimes slow, and slow is not wrong. The same examples every time, so that
# a red run is red again; `--hypothesis-profile=explore` looks for new ones.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", settings.get_profile("house"), derandomize=False)
settings.load_profile("house")

"""An index by which a reader finds what became new."""

from typing import Final

from alembic import op

revision = "0003"
down_revision = "0002"

# Tables whose key does not begin with the journal record.
_TABLES: Final = (
    "execution_quality",
    "fills",
    "orders",
    "portfolio_snapshots",
    "positions",
    "signals",
)


def upgrade() -> None:
    """Make the indexes."""
    for name in _TABLES:
        op.create_index(op.f(f"ix_{name}_account_sequence"), name, ["account", "sequence"])


def downgrade() -> None:
    """Drop the indexes."""
    for name in _TABLES:
        op.drop_index(op.f(f"ix_{name}_account_sequence"), table_name=name)

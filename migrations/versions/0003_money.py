"""money: the rate table, what calls cost, what accounts have."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "prices",
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("country_iso", sa.String(2), nullable=False),
        sa.Column("country", sa.String(64), nullable=False),
        sa.Column("country_code", sa.String(4), nullable=False),
        sa.Column("number_type", sa.String(16), nullable=False),
        sa.Column("outbound_per_minute", sa.BigInteger(), nullable=False),
        sa.Column("inbound_per_minute", sa.BigInteger(), nullable=False),
        sa.Column("pulse_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_prices")),
    )
    op.create_index(op.f("ix_prices_country_iso"), "prices", ["country_iso"])
    for table, column in _columns():
        op.add_column(table, column)


def downgrade() -> None:
    for table, column in reversed(_columns()):
        op.drop_column(table, column.name)
    op.drop_index(op.f("ix_prices_country_iso"), "prices")
    op.drop_table("prices")


def _columns() -> list[tuple[str, sa.Column[object]]]:
    """Amounts are whole numbers of a hundred thousandth."""

    def amount(name: str) -> sa.Column[object]:
        return sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")

    return [
        (
            "accounts",
            sa.Column(
                "billing_mode",
                sa.String(16),
                nullable=False,
                server_default="postpaid",
            ),
        ),
        ("accounts", amount("cash_credits")),
        ("calls", amount("rate")),
        (
            "calls",
            sa.Column("pulse_s", sa.Integer(), nullable=False, server_default="60"),
        ),
        ("calls", amount("amount")),
    ]

"""inventory: numbers on offer, and what rented ones cost."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "offered_numbers",
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("country_iso", sa.String(2), nullable=False),
        sa.Column("country", sa.String(64), nullable=False),
        sa.Column("country_code", sa.String(4), nullable=False),
        sa.Column("number_type", sa.String(16), nullable=False),
        sa.Column("region", sa.String(128), nullable=False),
        sa.Column("city", sa.String(128), nullable=False),
        sa.Column("rate_center", sa.String(64), nullable=False),
        sa.Column("lata", sa.String(16), nullable=False),
        sa.Column("carrier", sa.String(128), nullable=False),
        sa.Column("monthly_rental_rate", sa.BigInteger(), nullable=False),
        sa.Column("setup_rate", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_offered_numbers")),
    )
    op.create_index(
        op.f("ix_offered_numbers_country_iso"), "offered_numbers", ["country_iso"]
    )
    op.add_column(
        "numbers", sa.Column("city", sa.String(128), nullable=False, server_default="")
    )
    op.add_column(
        "numbers",
        sa.Column(
            "monthly_rental_rate", sa.BigInteger(), nullable=False, server_default="0"
        ),
    )


def downgrade() -> None:
    op.drop_column("numbers", "monthly_rental_rate")
    op.drop_column("numbers", "city")
    op.drop_index(op.f("ix_offered_numbers_country_iso"), "offered_numbers")
    op.drop_table("offered_numbers")

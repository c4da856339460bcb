"""trunks: weight, limits, number format, trust."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for column in _columns():
        op.add_column("trunks", column)


def downgrade() -> None:
    for column in reversed(_columns()):
        op.drop_column("trunks", column.name)


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("weight", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("calls_per_second", sa.Integer(), nullable=True),
        sa.Column("calls_max", sa.Integer(), nullable=True),
        sa.Column(
            "number_format", sa.String(32), nullable=False, server_default="e164"
        ),
        sa.Column("dial_prefix", sa.String(16), nullable=False, server_default=""),
        sa.Column("trusted", sa.Boolean(), nullable=False, server_default=sa.false()),
    ]

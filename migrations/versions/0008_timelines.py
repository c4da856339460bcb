"""timelines: what happened in calls that are over."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "timelines",
        sa.Column("call_uuid", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(20), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moments", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("call_uuid", name=op.f("pk_timelines")),
    )
    op.create_index(op.f("ix_timelines_ended_at"), "timelines", ["ended_at"])


def downgrade() -> None:
    op.drop_table("timelines")

"""what customers say of the quality of their calls."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "call_feedback",
        sa.Column("call_uuid", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(20), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("issues", sa.JSON(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("call_uuid", name=op.f("pk_call_feedback")),
    )
    op.create_index(
        op.f("ix_call_feedback_account_id"), "call_feedback", ["account_id"]
    )


def downgrade() -> None:
    op.drop_table("call_feedback")

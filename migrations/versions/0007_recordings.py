"""recordings: what was recorded, what was said in it, how long it is kept."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "accounts", sa.Column("recordings_kept_days", sa.Integer(), nullable=True)
    )
    _make_recordings()
    _make_transcriptions()


def downgrade() -> None:
    op.drop_table("transcriptions")
    op.drop_table("recordings")
    op.drop_column("accounts", "recordings_kept_days")


def _make_recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(20), nullable=False),
        sa.Column("main_account_id", sa.String(20), nullable=False),
        sa.Column("call_uuid", sa.String(36), nullable=False),
        sa.Column("from_number", sa.Text(), nullable=False),
        sa.Column("to_number", sa.Text(), nullable=False),
        sa.Column("conference_name", sa.Text(), nullable=False),
        sa.Column("conference_uuid", sa.String(36), nullable=False),
        sa.Column("format", sa.String(4), nullable=False),
        sa.Column("channels", sa.String(8), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
    )
    for columns in (
        ["account_id", "added_at"],
        ["main_account_id", "added_at"],
        ["file_gone", "deleted_at"],
        ["call_uuid"],
    ):
        name = op.f(f"ix_recordings_{'_'.join(columns)}")
        op.create_index(name, "recordings", columns)


def _make_transcriptions() -> None:
    op.create_table(
        "transcriptions",
        sa.Column("recording_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(20), nullable=False),
        sa.Column("call_uuid", sa.String(36), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("method", sa.String(4), nullable=False),
        sa.Column("report", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("full", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_transcriptions")),
    )
    op.create_index(
        op.f("ix_transcriptions_state_due_at"), "transcriptions", ["state", "due_at"]
    )

"""first tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("auth_id", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.String(length=20), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sealed_token", sa.String(length=512), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("city", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=255), nullable=False),
        sa.Column("calls_per_second", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["accounts.auth_id"],
            name=op.f("fk_accounts_parent_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("auth_id", name=op.f("pk_accounts")),
    )
    op.create_index(
        op.f("ix_accounts_parent_id"), "accounts", ["parent_id"], unique=False
    )
    op.create_table(
        "callbacks",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("event_id", sa.String(length=40), nullable=True),
        sa.Column("call_uuid", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("method", sa.String(length=4), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
        sa.UniqueConstraint("event_id", name=op.f("uq_callbacks_event_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_callbacks_state_call_uuid_id"),
        "callbacks",
        ["state", "call_uuid", "id"],
        unique=False,
    )
    op.create_table(
        "calls",
        sa.Column("call_uuid", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("main_account_id", sa.String(length=20), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("from_number", sa.Text(), nullable=False),
        sa.Column("to_number", sa.Text(), nullable=False),
        sa.Column("caller_name", sa.Text(), nullable=False),
        sa.Column("parent_call_uuid", sa.String(length=36), nullable=True),
        sa.Column("initiated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ringing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bill_duration", sa.Integer(), nullable=False),
        sa.Column("hangup_cause_code", sa.Integer(), nullable=False),
        sa.Column("hangup_source", sa.String(length=32), nullable=False),
        sa.Column("source_ip", sa.Text(), nullable=False),
        sa.Column("packets_received", sa.BigInteger(), nullable=False),
        sa.Column("packets_lost", sa.BigInteger(), nullable=False),
        sa.Column("jitter_ms", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("call_uuid", name=op.f("pk_calls")),
    )
    op.create_index(
        op.f("ix_calls_account_id_ended_at"),
        "calls",
        ["account_id", "ended_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_calls_main_account_id_ended_at"),
        "calls",
        ["main_account_id", "ended_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_calls_parent_call_uuid"), "calls", ["parent_call_uuid"], unique=False
    )
    op.create_table(
        "applications",
        sa.Column("app_id", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("answer_url", sa.Text(), nullable=False),
        sa.Column("answer_method", sa.String(length=4), nullable=False),
        sa.Column("hangup_url", sa.Text(), nullable=False),
        sa.Column("hangup_method", sa.String(length=4), nullable=False),
        sa.Column("fallback_url", sa.Text(), nullable=False),
        sa.Column("fallback_method", sa.String(length=4), nullable=False),
        sa.Column("message_url", sa.Text(), nullable=False),
        sa.Column("message_method", sa.String(length=4), nullable=False),
        sa.Column("default_number_app", sa.Boolean(), nullable=False),
        sa.Column("default_endpoint_app", sa.Boolean(), nullable=False),
        sa.Column("log_incoming_messages", sa.Boolean(), nullable=False),
        sa.Column("public_uri", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.auth_id"],
            name=op.f("fk_applications_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_applications")),
    )
    op.create_index(
        op.f("ix_applications_account_id"), "applications", ["account_id"], unique=False
    )
    op.create_table(
        "trunks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("from_ips", sa.JSON(), nullable=False),
        sa.Column("prefixes", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.auth_id"],
            name=op.f("fk_trunks_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trunks")),
        sa.UniqueConstraint("name", name=op.f("uq_trunks_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "endpoints",
        sa.Column("endpoint_id", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("alias", sa.String(length=255), nullable=False),
        sa.Column("ha1", sa.String(length=32), nullable=False),
        sa.Column("app_id", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.auth_id"],
            name=op.f("fk_endpoints_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["app_id"],
            ["applications.app_id"],
            name=op.f("fk_endpoints_app_id_applications"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("endpoint_id", name=op.f("pk_endpoints")),
        sa.UniqueConstraint("username", name=op.f("uq_endpoints_username")),
    )
    op.create_index(
        op.f("ix_endpoints_account_id"), "endpoints", ["account_id"], unique=False
    )
    op.create_index(op.f("ix_endpoints_app_id"), "endpoints", ["app_id"], unique=False)
    op.create_table(
        "numbers",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=20), nullable=False),
        sa.Column("app_id", sa.String(length=20), nullable=True),
        sa.Column("alias", sa.String(length=255), nullable=False),
        sa.Column("number_type", sa.String(length=16), nullable=False),
        sa.Column("country", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=128), nullable=False),
        sa.Column("carrier", sa.String(length=128), nullable=False),
        sa.Column("cnam_lookup", sa.String(length=16), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.auth_id"],
            name=op.f("fk_numbers_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["app_id"],
            ["applications.app_id"],
            name=op.f("fk_numbers_app_id_applications"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_numbers")),
    )
    op.create_index(
        op.f("ix_numbers_account_id"), "numbers", ["account_id"], unique=False
    )
    op.create_index(op.f("ix_numbers_app_id"), "numbers", ["app_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_numbers_app_id"), table_name="numbers")
    op.drop_index(op.f("ix_numbers_account_id"), table_name="numbers")
    op.drop_table("numbers")
    op.drop_index(op.f("ix_endpoints_app_id"), table_name="endpoints")
    op.drop_index(op.f("ix_endpoints_account_id"), table_name="endpoints")
    op.drop_table("endpoints")
    op.drop_table("trunks")
    op.drop_index(op.f("ix_applications_account_id"), table_name="applications")
    op.drop_table("applications")
    op.drop_index(op.f("ix_calls_parent_call_uuid"), table_name="calls")
    op.drop_index(op.f("ix_calls_main_account_id_ended_at"), table_name="calls")
    op.drop_index(op.f("ix_calls_account_id_ended_at"), table_name="calls")
    op.drop_table("calls")
    op.drop_index(op.f("ix_callbacks_state_call_uuid_id"), table_name="callbacks")
    op.drop_table("callbacks")
    op.drop_index(op.f("ix_accounts_parent_id"), table_name="accounts")
    op.drop_table("accounts")

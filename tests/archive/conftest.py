from tests.ledger.conftest import (
    database_file,
    db,
    empty_database,
    parts,
    security,
)

__all__ = ["database_file", "db", "empty_database", "parts", "security"]
"""A ledger and its database, for what is told in the end."""

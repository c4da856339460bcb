"""Wall-clock time, in one place; spans inside a process come from the event loop."""

from datetime import UTC, datetime, tzinfo


def utc_now() -> datetime:
    return datetime.now(UTC)


def epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def from_epoch_ms(value: int) -> datetime:
    return datetime.fromtimestamp(value / 1000, UTC)


def session_text(moment: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS.ffffff` in UTC, as SessionStart is written."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def local_text(moment: datetime | None, zone: tzinfo) -> str:
    """`YYYY-MM-DD HH:MM:SS` in the account's zone; empty for None (hangup_url)."""
    if moment is None:
        return ""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def offset_text(moment: datetime | None, zone: tzinfo) -> str | None:
    """`YYYY-MM-DD HH:MM:SS+05:30` in the account's zone (CDR times)."""
    if moment is None:
        return None
    return moment.astimezone(zone).isoformat(sep=" ", timespec="seconds")

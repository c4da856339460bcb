"""The settings of recordings: their spool, their store, who fetches them, words."""

from typing import Literal

from pydantic import NonNegativeInt, PositiveInt, SecretStr

from voiceplat.core.section import Section


class RecordingSettings(Section):
    url: str = ""
    """Where recordings are kept: `s3://bucket/folder` or another fsspec URL; empty:
    `recordings` below `data`."""
    s3_endpoint: str = ""
    """URL of the S3 server when it is not Amazon's."""
    s3_region: str = "us-east-1"
    """Region of the bucket."""
    s3_access_key: SecretStr = SecretStr("")
    """Access key; empty: what the `AWS_…` environment or the machine's role says."""
    s3_secret_key: SecretStr = SecretStr("")
    """Secret of the access key."""
    storage_timeout_s: PositiveInt = 60
    """How long one request to the storage may take."""
    encryption_keys: tuple[SecretStr, ...] = ()
    """Keys (`voiceplat recordings key`) that seal recordings at rest: the first seals,
    all open; none: they lie open."""
    access: Literal["public", "signed", "basic"] = "public"
    """Who may fetch a file: whoever knows its address, has a signed link that is not
    expired, or has the owner's auth_id and auth_token."""
    link_valid_s: PositiveInt = 604800
    """How long a signed link opens its file."""
    kept_days: NonNegativeInt = 30
    """How long recordings are kept when their account does not say; 0: for ever."""
    transcription_language: str = "en-US"
    """Language (BCP 47) in which recordings are put into words."""
    transcriptions_at_once: PositiveInt = 1
    """Recordings that one ledger has put into words side by side."""
    transcription_attempts: PositiveInt = 5
    """How often it is tried when the speech service fails in the middle of it."""
    transcription_wait_s: PositiveInt = 30
    """Wait before it is tried again."""


class SpoolSettings(Section):
    reserve_mb: NonNegativeInt = 256
    """Recordings end, and none begins, when the spool's disk has less room than this:
    the archive needs some of it to empty the spool."""
    conversions_at_once: PositiveInt = 2
    """Recordings that one archive turns into MP3 or WAV side by side."""
    conversion_timeout_s: PositiveInt = 600
    """How long turning one recording into MP3 or WAV may take."""
    look_interval_ms: PositiveInt = 1000
    """How often the archive looks for recordings whose process died."""

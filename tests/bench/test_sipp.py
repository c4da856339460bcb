import pytest

from bench.sipp import seconds_of


@pytest.mark.parametrize(
    ("clock", "seconds"),
    [("00:00:12", 12), ("01:02:03", 3723), ("00:00:01:500000", 1.5)],
)
def test_clocks_of_sipp_are_seconds(clock: str, seconds: float) -> None:
    assert seconds_of(clock) == seconds

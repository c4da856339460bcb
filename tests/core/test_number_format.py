"""Numbers as carriers want them written."""

import pytest

from voiceplat.core.number_format import number_format


@pytest.mark.parametrize(
    ("name", "german", "american"),
    [
        ("e164", "+4930123", "+14155550100"),
        ("digits", "4930123", "14155550100"),
        ("international", "004930123", "0014155550100"),
        ("national:49", "030123", "0014155550100"),
        ("national:1", "0114930123", "4155550100"),
        ("national:1:1", "0114930123", "14155550100"),
        ("national:49::+", "30123", "+14155550100"),
        ("national:49:0:", "030123", "14155550100"),
    ],
)
def test_a_number_is_written(name: str, german: str, american: str) -> None:
    wanted = number_format(name)

    assert (wanted.write("4930123"), wanted.write("14155550100")) == (german, american)


@pytest.mark.parametrize(
    "name", ["", "E164", "national", "national:", "national:0", "national:49:x", "49"]
)
def test_what_is_no_format_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a number format is"):
        number_format(name)

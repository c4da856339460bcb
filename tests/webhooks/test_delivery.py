"""The fragment of a URL, read over the defaults (plivo-rest 8.10)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceplat.core.settings import WebhookSettings
from voiceplat.webhooks.delivery import Delivery, Trouble, delivery_of

DEFAULTS = WebhookSettings()
PLAIN = delivery_of("", DEFAULTS)


def ms(value: int) -> timedelta:
    return timedelta(milliseconds=value)


@pytest.mark.statement(35)
def test_without_a_fragment_the_defaults_hold() -> None:
    got = delivery_of("", DEFAULTS)

    assert got == Delivery(
        connect=ms(2000),
        read=ms(40000),
        total=ms(55000),
        retries=1,
        retry_on=frozenset({Trouble.CONNECT_TIMEOUT, Trouble.READ_TIMEOUT}),
    )


def test_every_key_is_read() -> None:
    got = delivery_of("ct=300&rt=4000&tt=9000&rc=3&rp=4xx,ct&er=frankfurt", DEFAULTS)

    assert got == Delivery(
        connect=ms(300),
        read=ms(4000),
        total=ms(9000),
        retries=3,
        retry_on=frozenset({Trouble.CLIENT_ERROR, Trouble.CONNECT_TIMEOUT}),
    )


@pytest.mark.statement(34)
@pytest.mark.parametrize("value", ["99", "-5", "0", "100000", "x", "", "2e3", "1.5"])
@pytest.mark.parametrize("key", ["ct", "rt", "tt"])
def test_a_time_that_is_out_of_range_is_the_default(key: str, value: str) -> None:
    assert delivery_of(f"{key}={value}", DEFAULTS) == PLAIN


@pytest.mark.parametrize(
    ("fragment", "field", "limit"),
    [
        ("ct=100", "connect", 100),
        ("ct=10000", "connect", 10000),
        ("rt=40000", "read", 40000),
        ("tt=55000", "total", 55000),
    ],
)
def test_the_ends_of_a_range_belong_to_it(
    fragment: str, field: str, limit: int
) -> None:
    assert getattr(delivery_of(fragment, DEFAULTS), field) == ms(limit)


@pytest.mark.parametrize(("rc", "retries"), [("0", 0), ("5", 5), ("6", 1), ("-1", 1)])
def test_up_to_five_retries(rc: str, retries: int) -> None:
    assert delivery_of(f"rc={rc}", DEFAULTS).retries == retries


@pytest.mark.parametrize("rp", ["", "never", "6xx"])
def test_a_policy_of_no_known_word_is_the_default(rp: str) -> None:
    assert delivery_of(f"rp={rp}", DEFAULTS) == PLAIN


@pytest.mark.statement(20)
def test_a_policy_may_have_blanks_after_its_commas() -> None:
    got = delivery_of("rp=4xx, 5xx", DEFAULTS)

    assert got.retry_on == {Trouble.CLIENT_ERROR, Trouble.SERVER_ERROR}


@pytest.mark.parametrize("trouble", Trouble)
def test_all_retries_after_everything(trouble: Trouble) -> None:
    assert delivery_of("rp=all", DEFAULTS).retries_after(trouble)


@pytest.mark.parametrize("trouble", Trouble)
def test_5xx_retries_after_that_alone(trouble: Trouble) -> None:
    got = delivery_of("rp=5xx", DEFAULTS)

    assert got.retries_after(trouble) is (trouble is Trouble.SERVER_ERROR)


def test_a_fragment_for_a_browser_changes_nothing() -> None:
    assert delivery_of("section-2", DEFAULTS) == PLAIN


@given(st.text(max_size=40))
def test_no_fragment_raises(fragment: str) -> None:
    assert delivery_of(fragment, DEFAULTS).retries in range(6)

"""Every cause is explained to people."""

from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.hangup_words import UNKNOWN, WORDS, Tone, words_of
from voiceplat.calls.status import CallStatus


def test_every_cause_has_words() -> None:
    assert WORDS.keys() == CAUSES.keys()


def test_what_is_good_needs_no_advice() -> None:
    good = {code for code, words in WORDS.items() if words.tone is Tone.GOOD}

    assert {4000, 4010} <= good
    assert all(not WORDS[code].advice for code in good)


def test_what_calls_just_do_is_no_failure() -> None:
    plain = {CallStatus.BUSY, CallStatus.NO_ANSWER, CallStatus.CANCEL}

    for code, cause in CAUSES.items():
        if cause.status in plain:
            assert WORDS[code].tone is not Tone.BAD, code


def test_a_cause_that_nobody_knows_is_unknown() -> None:
    assert words_of(12345) == UNKNOWN

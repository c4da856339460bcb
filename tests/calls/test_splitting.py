"""A script in parts: where it may be cut, and that nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from voiceplat.calls.script import Manner, Pause, SayAs, Script, Words, plain
from voiceplat.calls.splitting import LIMITS, cut, split

SLOW = Manner(rate=0.5)


def texts(script: Script) -> list[str]:
    return [part.text for part in split(script)]


def test_a_short_text_is_one_part() -> None:
    assert texts(plain("Hello. Press one for sales.")) == [
        "Hello. Press one for sales."
    ]


def test_a_longer_text_is_cut_where_sentences_end() -> None:
    text = (
        "Thank you for calling the example bank of Springfield. "
        "Doctor Miller is not in today, nor will she be tomorrow. Goodbye!"
    )

    assert texts(plain(text)) == [
        "Thank you for calling the example bank of Springfield.",
        "Doctor Miller is not in today, nor will she be tomorrow. Goodbye!",
    ]


def test_a_long_sentence_is_cut_where_clauses_end() -> None:
    text = (
        "Your appointment with Doctor Miller is on Tuesday at nine thirty, "
        "in the second room on the left hand side."
    )

    assert texts(plain(text)) == [
        "Your appointment with Doctor Miller is on Tuesday at nine thirty,",
        "in the second room on the left hand side.",
    ]


def test_a_sentence_without_clauses_is_cut_between_words_at_last() -> None:
    parts = texts(plain("word " * 600))

    assert all(len(part) <= LIMITS[-1] for part in parts)
    assert " ".join(parts) == " ".join(["word"] * 600)


def test_the_first_parts_are_the_shortest() -> None:
    parts = texts(plain("This is a sentence of a page. " * 60))

    assert [len(part) for part in parts[:3]] == sorted(len(part) for part in parts[:3])
    assert len(parts[0]) <= LIMITS[0]
    assert all(len(part) <= LIMITS[-1] for part in parts)


@pytest.mark.parametrize(
    "sentence", ["Dr. Smith and Mrs. Jones wait.", "J. K. Rowling is on line two."]
)
def test_an_abbreviation_ends_no_sentence(sentence: str) -> None:
    parts = texts(
        plain("This is a sentence that fills the first part well. " + sentence)
    )

    assert parts[1] == sentence


def test_chinese_sentences_end_without_a_space() -> None:
    parts = texts(plain("你好,请稍等片刻。" * 20))

    assert len(parts) > 1
    assert all(part.endswith("。") for part in parts)


def test_manner_and_pauses_stay_with_their_words() -> None:
    first = "This is the first sentence, and it is spoken slowly."
    script = Script(
        (Words(first, SLOW), Pause(1), Words("This is another one of two.")),
    )

    assert split(script) == [
        Script((Words(first, SLOW), Pause(1))),
        Script((Words("This is another one of two."),)),
    ]


def test_what_is_read_as_one_thing_is_not_cut() -> None:
    number = Words("1. 2. 3. " * 10, say_as=SayAs.DIGITS)

    (part,) = split(Script((Words("Your number is "), number)))

    assert part.parts[1] == Words(number.text.rstrip(), say_as=SayAs.DIGITS)


def test_a_script_without_words_is_its_pauses() -> None:
    assert split(Script((Pause(3),))) == [Script((Pause(3),))]
    assert split(Script()) == []


@given(
    some.lists(
        some.one_of(
            some.builds(
                Words,
                some.text(alphabet="ab., \u3002", min_size=1, max_size=150),
                some.sampled_from([Manner(), SLOW]),
            ),
            some.builds(Pause, some.just(0.5)),
        ),
        max_size=8,
    )
)
def test_the_parts_together_say_everything(pieces: list[Words | Pause]) -> None:
    script = Script(tuple(pieces))

    parts = split(script)

    said = "".join("".join(part.text.split()) for part in parts)
    assert said == "".join(script.text.split())
    pauses = [it for part in parts for it in part.parts if isinstance(it, Pause)]
    assert len(pauses) == sum(isinstance(it, Pause) for it in pieces)


def test_a_text_is_cut_to_a_length() -> None:
    script = Script((Words("one "), Pause(1), Words("two three"), Words("four")))

    assert cut(script, 7) == Script((Words("one "), Pause(1), Words("two")))
    assert cut(script, 100) == script

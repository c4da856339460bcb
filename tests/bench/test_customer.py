from bench.customer import spoken


def test_every_call_is_told_ten_words_that_no_other_was_told() -> None:
    texts = [spoken(number) for number in range(500)]

    assert len(set(texts)) == 500
    assert {len(text.split()) for text in texts} == {10}

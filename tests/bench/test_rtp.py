from bench.rtp import Stream, is_sound, parse

MS = 1_000_000
HEADER = bytes.fromhex("8000 0007 00000140 deadbeef".replace(" ", ""))


def _stream(*arrivals: tuple[int, int]) -> Stream:
    stream = Stream()
    for sequence, at_ms in arrivals:
        stream.take(sequence, at_ms * MS)
    return stream


def test_packets_every_20_ms_have_no_gap() -> None:
    stream = _stream((1, 0), (2, 20), (3, 40), (4, 80))

    assert stream.packets == 4
    assert stream.gaps == 0
    assert stream.spacings_ms == [20, 20, 40]


def test_an_interval_over_40_ms_is_a_gap_even_when_nothing_was_lost() -> None:
    stream = _stream((1, 0), (2, 41), (3, 42))

    assert stream.gaps == 1
    assert stream.lost == 0


def test_missing_sequence_numbers_are_lost_packets() -> None:
    assert _stream((1, 0), (4, 20)).lost == 2


def test_sequence_numbers_wrap_without_a_loss() -> None:
    assert _stream((65535, 0), (0, 20), (1, 40)).lost == 0


def test_a_packet_out_of_order_is_no_loss() -> None:
    assert _stream((2, 0), (1, 1), (2, 2)).lost == 0


def test_rtp_is_told_from_other_datagrams() -> None:
    packet = parse(HEADER + b"\xff" * 160)

    assert packet is not None
    assert (packet.sequence, packet.ssrc) == (7, 0xDEADBEEF)
    assert len(packet.payload) == 160
    assert parse(b"\x80\xc8" + HEADER[2:]) is None  # an RTCP sender report
    assert parse(b"") is None


def test_silence_and_noise_are_no_sound() -> None:
    assert not is_sound(b"\xff\x7f\xfe\x7e" * 40)
    assert not is_sound(b"")


def test_one_loud_sample_is_sound() -> None:
    assert is_sound(b"\xff" * 159 + b"\x80")

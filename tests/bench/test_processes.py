import pytest

from bench.processes import Part, part_of

UP = "python -m voiceplat up --data x"
MEDIA = "python -m voiceplat media"
FORKSERVER = "python -c from multiprocessing.forkserver import main; main(5)"
EDGE = "python -m voiceplat edge"


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ([UP], Part.REST),
        (["redis-server 127.0.0.1:1", UP], Part.REDIS),
        (["redis-server unixsocket:/x/topology.sock", EDGE, UP], Part.TOPOLOGY),
        (["/bin/redis-server unixsocket:/x/t.sock", EDGE, UP], Part.TOPOLOGY),
        (["python -m voiceplat api", UP], Part.API),
        (["python -I -m x", "python -m voiceplat archive", UP], Part.ARCHIVE),
        ([MEDIA, UP], Part.SUPERVISOR),
        ([FORKSERVER, MEDIA, UP], Part.SUPERVISOR),
        ([FORKSERVER, FORKSERVER, MEDIA, UP], Part.WORKERS),
        (["kamailio -f x", "kamailio -f x", EDGE, UP], Part.KAMAILIO),
        (["/usr/bin/rtpengine --foreground", EDGE, UP], Part.RTPENGINE),
        ([EDGE, UP], Part.REST),
    ],
)
def test_a_process_is_told_by_its_ancestors(line: list[str], part: Part) -> None:
    assert part_of(line) is part

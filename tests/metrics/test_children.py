"""What processes that another one started use."""

import os
import subprocess
import sys

from prometheus_client import CollectorRegistry

from voiceplat.metrics.children import Children, cpu_s, memory_bytes, session_members
from voiceplat.metrics.figures import ChildFigures

BUSY = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"


def test_cpu_and_memory_of_children_are_counted_until_they_are_gone() -> None:
    registry = CollectorRegistry()
    children = Children(ChildFigures(registry))

    def value(name: str) -> float:
        found = registry.get_sample_value(name, {"kind": "worker"})
        assert found is not None
        return found

    with subprocess.Popen(
        [sys.executable, "-c", BUSY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        children.look({"worker": [child.pid]})
        used_s = value("voiceplat_child_cpu_seconds_total")
        children.look({"worker": [child.pid]})
        running = value("voiceplat_children")
        memory = value("voiceplat_child_memory_bytes")
        members = session_members(child.pid)
        child.communicate(b"\n")
    children.look({"worker": [child.pid]})

    assert used_s >= 0.2  # the kernel counts in ticks
    assert value("voiceplat_child_cpu_seconds_total") >= used_s
    assert running == 1
    assert memory > 1_000_000
    assert members == [child.pid]
    assert value("voiceplat_children") == 0
    assert value("voiceplat_child_memory_bytes") == 0


def test_we_can_read_ourselves() -> None:
    assert cpu_s(os.getpid()) > 0
    assert memory_bytes(os.getpid()) > 1_000_000

"""Processes that work for this one, and how they end."""

import os
import signal
from multiprocessing import active_children

import pytest

from neurosim.workers import processes


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no SIGKILL")
def test_a_worker_that_was_killed_does_not_keep_the_others_from_stopping():
    def stopped():
        with processes(1) as pool:
            os.kill(pool.submit(os.getpid).result(), signal.SIGKILL)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert not active_children()


def test_workers_end_with_their_work():
    with processes(2) as pool:
        assert list(pool.map(abs, [-1, 2])) == [1, 2]
    assert not active_children()

"""A process killed while it saves leaves whole batches only."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from feedwatch.store.opening import lock_store, open_store
from tests.contract.builders import BASE_URL, NOON, make_feeds, make_source
from tests.store.saver import SIZE, URL, save_for_ever

KILLS = 10


def saved_until_killed(folder: Path, after_s: float) -> int:
    """How many batches were acknowledged by a process that lived so long after its second one."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([save_for_ever.__module__])
    ours, theirs = processes.Pipe(duplex=False)
    process = processes.Process(target=save_for_ever, args=(folder, theirs))
    process.start()
    theirs.close()
    count = max(ours.recv(), ours.recv())
    time.sleep(after_s)
    process.kill()
    process.join()
    try:
        while True:
            count = ours.recv()
    except EOFError:
        return int(count)
    finally:
        ours.close()
        process.close()


def test_a_killed_process_loses_nothing_it_acknowledged_and_leaves_no_half_batch(tmp_path: Path) -> None:
    store = open_store(URL, base_dir=tmp_path)
    store.begin([make_source()], make_feeds("one"), base_url=BASE_URL, now=NOON)
    store.close()
    for kill in range(KILLS):
        # Into the middle of a batch, each time at another moment.
        acknowledged = saved_until_killed(tmp_path, kill * 0.0013)
        with lock_store(URL, base_dir=tmp_path):
            reader = open_store(URL, base_dir=tmp_path, read_only=True)
            saved = len(reader.validators("north"))
            assert saved - acknowledged in {0, 1}
            assert reader.count_members() == {"one": saved * SIZE}
            assert reader.statuses()[0].entries == saved * SIZE
            assert reader.feed_states()["one"].version == saved + 1
            reader.close()
    assert saved >= 2 * KILLS
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT count(*) FROM labels").fetchone() == (saved * SIZE,)

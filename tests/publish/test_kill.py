from __future__ import annotations

import subprocess
import sys

from tests.desk import ROOT


def test_killed_publishing_leaves_every_feed_whole_and_every_archive_found() -> None:
    words = [sys.executable, str(ROOT / "benchmarks" / "kill_publish.py"), "--kills", "5"]
    done = subprocess.run(words, check=False, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr

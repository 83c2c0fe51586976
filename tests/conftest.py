"""For all tests: only loopback may be reached, and no setting of the machine leaks in."""

from __future__ import annotations

import gc
import os
import tempfile

import pytest
from hypothesis import settings
from pytest_socket import socket_allow_hosts

# The same examples at every run, so that a failure is somebody's doing; FEEDWATCH_TEST_FUZZ=1 looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("fuzz", deadline=None)
settings.load_profile("fuzz" if os.environ.get("FEEDWATCH_TEST_FUZZ") else "steady")


@pytest.fixture(autouse=True)
def _only_loopback() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("FEEDWATCH_") and name != "FEEDWATCH_REQUIRE_SERVICES" and "_TEST_" not in name:
            monkeypatch.delenv(name)


def pytest_configure(config: pytest.Config) -> None:
    """Rules made ready are shared by all tests of a run, and with nobody else."""
    if not hasattr(config, "workerinput"):
        cache = tempfile.TemporaryDirectory(prefix="feedwatch-tests-")
        config.add_cleanup(cache.cleanup)
        os.environ["XDG_CACHE_HOME"] = cache.name


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look at it again after every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)

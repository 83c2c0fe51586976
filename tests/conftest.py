"""For all tests: only loopback may be reached, and no setting of the machine leaks in."""

from __future__ import annotations

import os

import pytest
from pytest_socket import socket_allow_hosts


@pytest.fixture(autouse=True)
def _only_loopback() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("FEEDWATCH_") and name != "FEEDWATCH_REQUIRE_SERVICES" and "_TEST_" not in name:
            monkeypatch.delenv(name)

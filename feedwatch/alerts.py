"""THE owner of Apprise: tells people, over any of its channels, what is unusual."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from feedwatch.errors import AlertError
from feedwatch.text import printable

#: Longer texts are cut: some channels refuse them, and nobody reads them on a telephone.
MAX_CHARS = 8000
TIMEOUT_S = 30


class Channels:
    """The channels of a configuration, as Apprise addresses."""

    def __init__(self, addresses: Sequence[str]) -> None:
        """Take the addresses; nothing is sent.

        Raises:
            AlertError: Apprise is not installed, or an address is none of its own.
        """
        self._channels = [_channel(place, address) for place, address in enumerate(addresses, 1)]

    def __len__(self) -> int:
        return len(self._channels)

    @property
    def names(self) -> list[str]:
        """The channels without their secrets."""
        return [_name(channel) for channel in self._channels]

    def send(self, title: str, body: str) -> list[str]:
        """Tell all channels; returns a line for each that could not be told, none of which names a secret."""
        text = body if len(body) <= MAX_CHARS else body[: MAX_CHARS - 1] + "…"
        return [error for channel in self._channels if (error := _send(channel, title, text))]


def _channel(place: int, address: str) -> Any:
    """The channel at an address; it may hold a password, so no message quotes it."""
    try:
        # Optional, and a quarter of a second to load.
        apprise = import_module("apprise")
    except ImportError as error:
        cure = "install feedwatch with its extra: pip install 'feedwatch[alerts]'"
        raise AlertError(f"[alerts] channels need the package apprise: {cure}") from error
    # What it would log names addresses.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    channel = apprise.Apprise()
    with warnings.catch_warnings():
        # It loads all of its plugins here, and each warns of what its own dependencies will drop some day.
        warnings.simplefilter("ignore")
        known = channel.add(address)
    if not known:
        scheme = printable(address.partition(":")[0], 30)
        raise AlertError(
            f"[alerts] channels: the {place}. address ({scheme}:…) is none that Apprise knows; "
            "see https://appriseit.com/services/"
        )
    return channel


def _name(channel: Any) -> str:
    return printable(str(channel[0].url(privacy=True)).partition("?")[0], 200)


def _send(channel: Any, title: str, body: str) -> str:
    """What went wrong; "" when nothing did."""
    try:
        told = channel.notify(title=title, body=body, body_format="text", timeout=TIMEOUT_S)
    except Exception as error:  # noqa: BLE001 - a hundred plugins of other people: none may stop the others
        return f"{_name(channel)}: {type(error).__name__}"
    return "" if told else f"{_name(channel)}: was not accepted; is the address right, and does the service run?"

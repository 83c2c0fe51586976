"""WebSub (w3.org/TR/websub): hubs are told of feeds that changed, and tell us of sources that did.

Nothing that a hub says is believed but one thing: that it is time to look. A push whose signature is right
makes its source due, and the poll that follows reads the source itself.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from feedwatch.clock import Clock
from feedwatch.errors import FetchError
from feedwatch.hubport import Subscription, Topic
from feedwatch.ledger import FeedState
from feedwatch.model import Source
from feedwatch.ports import Store
from feedwatch.text import printable
from feedwatch.urls import redact

log = logging.getLogger(__name__)

#: Sends form fields to an address and returns the status; the flag lets it reach private addresses.
#: Raises FetchError when nothing usable came back.
Post = Callable[[str, Mapping[str, str], bool], int]

#: Where hubs reach us, below the base address.
CALLBACKS = "websub/"
#: A feed that changes again within so long is announced once.
DEBOUNCE_S = 60
FIRST_RETRY_S = 60
LONGEST_RETRY_S = 3600
#: The last one comes two days after the first; the next change begins anew.
MAX_ATTEMPTS = 50
#: What one step sends at most, so that it ends.
_PINGS_A_STEP = 50

#: What we ask for; hubs decide.
LEASE_S = 10 * 86_400
#: Leases are never believed to be shorter or longer.
_SHORTEST_LEASE_S, _LONGEST_LEASE_S = 300, 30 * 86_400
#: A lease is renewed after this part of it.
RENEW_AT = 0.8
#: A hub that was asked must have asked back by then.
VERIFY_WITHIN_S = 600
#: After so many leases that were not renewed in time, a hub is left alone for as long as `REST_S`.
MISSED_LEASES = 2
REST_S = 86_400
#: An unsubscription that no hub confirms is forgotten: its address is gone anyway.
_LEAVING_ATTEMPTS = 3

#: Section 7.1.1 knows these; SHA-1 is what the most used hubs still sign with, and as HMAC it is not broken.
_METHODS = ("sha256", "sha384", "sha512", "sha1")
#: In characters; `hub.secret` may have 199 bytes.
_SECRET_BYTES = 32
_PATH_BYTES = 24


class HubWork:
    """What the daemon does about hubs; every method may be called from any thread.

    `hub` is that of our own feeds, `callbacks` the address under which hubs reach us, ending in "/" (None
    where we have no public address: then nothing is subscribed).
    """

    def __init__(
        self,
        store: Store,
        post: Post,
        clock: Clock,
        sources: Mapping[str, Source],
        *,
        base_url: str,
        hub: str | None,
        callbacks: str | None,
    ) -> None:
        self._store = store
        self._hubs = store.hubs
        self._post = post
        self._clock = clock
        self._sources = sources
        self._base_url = base_url
        self._hub = hub
        self._callbacks = callbacks
        #: Called when a push made a source due.
        self.on_push: Callable[[], None] = lambda: None

    # --- the hub of our own feeds

    def ping(self) -> int:
        """Tell the hub of the files whose time has come; returns of how many it was told."""
        if self._hub is None:
            return 0
        told = 0
        for ping in self._hubs.due_pings(self._clock.now(), _PINGS_A_STEP):
            topic = self._base_url + ping.name
            # A person named this hub: it may stand in our own network.
            error = self._send(self._hub, {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}, private=True)
            wait_s = _backoff_s(ping.attempts + 1) if error else DEBOUNCE_S
            if error and ping.attempts + 1 >= MAX_ATTEMPTS:
                log.error("hub: %s was not announced: %s; given up", ping.name, error)
                self._hubs.drop_ping(ping)
                continue
            if error and not ping.attempts:
                log.warning("hub: %s cannot be announced: %s; it is tried again", ping.name, error)
            again_at = self._clock.now() + timedelta(seconds=wait_s)
            self._hubs.settle_ping(ping, again_at=again_at, error=error or "")
            told += not error
        return told

    # --- the hubs of sources

    def tend(self) -> None:
        """Subscribe, renew, and unsubscribe what is due."""
        now = self._clock.now()
        wishes = self._hubs.topics() if self._callbacks else {}
        present = {subscription.source_id: subscription for subscription in self._hubs.subscriptions()}
        for source_id, topic in wishes.items():
            known = present.get(source_id)
            if known is None or known.topic != topic or known.state == "leaving":
                self._subscribe(_new(source_id, topic, now), now)
            elif known.due_at <= now:
                self._renew(known, now)
        for source_id, known in present.items():
            if source_id not in wishes and (known.state != "leaving" or known.due_at <= now):
                self._leave(known, now)

    def _renew(self, known: Subscription, now: datetime) -> None:
        if known.lease_until is not None and known.lease_until <= now:
            # No push can be relied on any more: the source is polled as before, from now on.
            known = replace(known, state="wanted", lease_until=None, missed=known.missed + 1)
            self._store.reschedule({known.source_id: now})
            if known.missed >= MISSED_LEASES:
                log.warning("source %s: its hub did not renew %d leases; it is polled", known.source_id, known.missed)
                self._hubs.put_subscription(replace(known, missed=0, due_at=now + timedelta(seconds=REST_S)))
                return
        self._subscribe(known, now)

    def _subscribe(self, wanted: Subscription, now: datetime) -> None:
        """Ask the hub; it verifies that we meant it at our callback (section 5.3)."""
        attempts = wanted.attempts + 1
        wait_s = max(VERIFY_WITHIN_S, _backoff_s(attempts))
        asked = replace(wanted, attempts=attempts, due_at=now + timedelta(seconds=wait_s))
        # Stored first: the hub may ask back before its answer to us is here.
        self._hubs.put_subscription(asked)
        error = self._request(asked, "subscribe")
        if error is not None:
            log.info("source %s: its hub does not take the subscription: %s", asked.source_id, error)

    def _leave(self, known: Subscription, now: datetime) -> None:
        attempts = known.attempts + 1 if known.state == "leaving" else 1
        if known.state == "wanted" or attempts > _LEAVING_ATTEMPTS:
            self._hubs.drop_subscription(known.source_id)
            return
        wait = timedelta(seconds=VERIFY_WITHIN_S)
        self._hubs.put_subscription(replace(known, state="leaving", attempts=attempts, due_at=now + wait))
        self._request(known, "unsubscribe")

    def _request(self, subscription: Subscription, mode: str) -> str | None:
        fields = {
            "hub.mode": mode,
            "hub.topic": subscription.topic.url,
            "hub.callback": f"{self._callbacks}{subscription.path}",
        }
        if mode == "subscribe":
            fields |= {"hub.lease_seconds": str(LEASE_S), "hub.secret": subscription.secret}
        source = self._sources.get(subscription.source_id)
        return self._send(subscription.topic.hub, fields, private=source is not None and source.allow_private)

    def _send(self, hub: str, fields: Mapping[str, str], *, private: bool) -> str | None:
        """What went wrong; None when the hub took it."""
        try:
            status = self._post(hub, fields, private)
        except FetchError as error:
            return error.message
        return None if 200 <= status < 300 else f"{redact(hub)} answered HTTP {status}"

    # --- what hubs ask and tell

    def confirm(self, path: str, parameters: Mapping[str, str]) -> str | None:
        """The challenge to send back when a hub asks whether we meant it (section 5.3.1); None if we did not."""
        known = self._hubs.subscription_at(path)
        mode, topic = parameters.get("hub.mode"), parameters.get("hub.topic")
        if known is None or topic != known.topic.url:
            return None
        now = self._clock.now()
        if mode == "denied":
            reason = printable(parameters.get("hub.reason", ""), 200)
            log.warning("source %s: its hub denies the subscription: %s", known.source_id, reason or "no reason given")
            rest = timedelta(seconds=REST_S)
            self._hubs.put_subscription(replace(known, state="wanted", lease_until=None, due_at=now + rest))
            self._store.reschedule({known.source_id: now})
            return ""
        challenge = parameters.get("hub.challenge")
        if not challenge:
            return None
        if mode == "unsubscribe" and known.state == "leaving":
            self._hubs.drop_subscription(known.source_id)
            return challenge
        # Only what was asked for: nobody else may stretch a lease.
        if mode == "subscribe" and known.state != "leaving" and known.attempts:
            lease_s = _lease_s(parameters.get("hub.lease_seconds", ""))
            self._hubs.put_subscription(
                replace(
                    known,
                    state="active",
                    attempts=0,
                    missed=0,
                    lease_until=now + timedelta(seconds=lease_s),
                    due_at=now + timedelta(seconds=round(lease_s * RENEW_AT)),
                )
            )
            return challenge
        return None

    def is_known(self, path: str) -> bool:
        """Whether a hub was given this callback."""
        return self._hubs.subscription_at(path) is not None

    def receive(self, path: str, signature: str, body: bytes) -> bool:
        """Make the source due if the push is signed with the secret that only its hub has; returns whether it was."""
        known = self._hubs.subscription_at(path)
        if known is None or known.state != "active" or not is_signed(signature, known.secret, body):
            return False
        noted = self._hubs.note_push(known.source_id, self._clock.now())
        if noted:
            self.on_push()
        return noted


def changed_documents(state: FeedState, files: Mapping[str, bytes]) -> list[str]:
    """Names of a feed's files, pages left out, that are not as they were published last."""
    before = {ending: stamp.partition(" ")[0] for ending, stamp in state.file_hashes.items()}
    return [
        f"{state.feed_id}.{ending}"
        for ending, data in files.items()
        if ending != "html" and hashlib.sha256(data).hexdigest() != before.get(ending)
    ]


def is_signed(signature: str, secret: str, body: bytes) -> bool:
    """Whether X-Hub-Signature ("sha256=…") fits (section 7.1.1), compared in constant time."""
    method, _, given = signature.strip().partition("=")
    if method.lower() not in _METHODS or not given.isascii():
        return False
    expected = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(expected, given.strip().lower())


def _new(source_id: str, topic: Topic, now: datetime) -> Subscription:
    return Subscription(
        source_id=source_id,
        topic=topic,
        path=secrets.token_urlsafe(_PATH_BYTES),
        secret=secrets.token_urlsafe(_SECRET_BYTES),
        state="wanted",
        due_at=now,
    )


def _lease_s(text: str) -> int:
    """The hub's lease; without a readable one, ours."""
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else LEASE_S
    return min(max(seconds, _SHORTEST_LEASE_S), _LONGEST_LEASE_S)


def _backoff_s(attempts: int) -> int:
    return min(FIRST_RETRY_S << min(attempts - 1, 20), LONGEST_RETRY_S)

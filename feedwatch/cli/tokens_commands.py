"""`tokens`: who may read private feeds."""

from __future__ import annotations

from typing import Annotated

import typer

from feedwatch.cli.frame import FAILED, USAGE, Json, guarded, options
from feedwatch.cli.output import as_json, complain, say, table
from feedwatch.setup import Setup
from feedwatch.text import printable
from feedwatch.tomlfile import suggest
from feedwatch.web.private import PREFIX
from feedwatch.web.tokens import TokenFile

app = typer.Typer(
    name="tokens",
    help="Who may read private feeds: a token a subscriber, which can be revoked.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
@guarded
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="For whom, in words of yours.")],
    feed: Annotated[
        list[str] | None, typer.Option(metavar="FEED", help="Only this feed (may be given several times).")
    ] = None,
    json: Json = False,
) -> None:
    """Make a token and print the addresses that it opens. It cannot be shown again.

    A running server knows it within a second. Without --feed it opens every feed.

    Examples:

      feedwatch tokens add "radio desk"

      feedwatch tokens add maria --feed niger-internal --feed mali-internal
    """
    chosen = options(context)
    setup = chosen.setup(secrets=False)
    known = [spec.id for spec in setup.config.feeds]
    for feed_id in feed or []:
        if feed_id not in known:
            cure = suggest(feed_id, known)
            complain(f"there is no feed {feed_id!r} in {setup.config.file.name}; {cure}".rstrip("; "))
            raise typer.Exit(USAGE)
    made = _file(setup).add(name, tuple(dict.fromkeys(feed or [])), setup.clock.now())
    base = f"{setup.config.base_url}{PREFIX[1:]}{made}/"
    opened = [feed_id for feed_id in known if not feed or feed_id in feed]
    addresses = {feed_id: f"{base}{feed_id}.atom" for feed_id in opened}
    if json or chosen.json:
        as_json({"name": name, "token": made, "index": base, "opml": f"{base}index.opml", "feeds": addresses})
        return
    say(f"all of it:  {base}")
    say(f"as a list:  {base}index.opml")
    for address in addresses.values():
        say(f"            {address}")
    complain("Whoever has these addresses can read the feeds. They cannot be shown again.")


@app.command("list")
@guarded
def list_(context: typer.Context, json: Json = False) -> None:
    """List who has a token, and for what.

    Examples:

      feedwatch tokens list
    """
    chosen = options(context)
    tokens = _file(chosen.setup(secrets=False)).read()
    if json or chosen.json:
        as_json([{"name": token.name, "feeds": token.feeds, "created_at": token.created_at} for token in tokens])
        return
    rows = [
        (token.name, ", ".join(token.feeds) or "every feed", token.created_at.strftime("%Y-%m-%d %H:%M"))
        for token in tokens
    ]
    table("Tokens", ("name", "opens", "made (UTC)"), rows)


@app.command()
@guarded
def revoke(context: typer.Context, name: Annotated[str, typer.Argument(help="As in the list.")]) -> None:
    """Make a token worthless; a running server refuses it within a second.

    Examples:

      feedwatch tokens revoke maria
    """
    file = _file(options(context).setup(secrets=False))
    if not file.revoke(name):
        cure = suggest(name, [token.name for token in file.read()])
        complain(f"there is no token {printable(name)!r}; {cure}".rstrip("; "))
        raise typer.Exit(FAILED)
    say(f"{printable(name)} reads nothing private any more")


def _file(setup: Setup) -> TokenFile:
    return TokenFile(setup.config.server.tokens)

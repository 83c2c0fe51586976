"""`python -m feedwatch` and the console script."""

from __future__ import annotations

from feedwatch.cli.main import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()

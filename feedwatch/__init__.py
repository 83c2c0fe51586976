"""Republish and monitor feeds: one filtered Atom feed per question, with the reason in every entry."""

__version__ = "0.1.0"

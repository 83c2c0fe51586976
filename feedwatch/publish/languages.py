"""Language tags that every reader and validator knows (BCP 47).

Publishers write what they like into `lang`. A tag is published when its language is in ISO 639-1 or 639-2, the lists
that readers and the W3C validator look into; one of the some thousand others becomes the wider language that holds it,
where there is one, and is left out otherwise.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

_TAG = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{1,8})*)")


@lru_cache(maxsize=1_000)
def language_tag(text: str | None) -> str | None:
    """The text as a language tag that is known everywhere; None when it names no such language."""
    found = _TAG.fullmatch(text or "")
    language = _known().get(found[1].lower()) if found else None
    if found is None or language is None:
        return None
    written = found[1] if language == found[1].lower() else language
    return written + found[2].replace("_", "-")


@cache
def _known() -> dict[str, str]:
    """Each code with the one that is published for it."""
    known: dict[str, str] = {}
    for line in files("feedwatch.publish").joinpath("languages.txt").read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            wide, mark, codes = line.rpartition(":")
            known |= {code: wide if mark else code for code in codes.split()}
    return known

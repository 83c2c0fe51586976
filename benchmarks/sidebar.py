"""What extraction makes of a comment form and ten headlines of other articles below five hundred articles.

    python -m benchmarks.sidebar FILE.jsonl[.xz] [--articles 500] [--half a|b] [--worst N]
    python -m benchmarks.sidebar FILE.jsonl[.xz] --regions [--corpus reuters] [--overlay benchmarks/overlays/1987.toml]

The files are those of `benchmarks/quality.py`. Without `--regions`, so many articles of at least 100 words, an equal
number of each corpus and language, are written as a page and as its text in three ways: lines as a browser copies
them, paragraphs with single line ends, and all of it in one line. Printed are the share of the appended words that
was removed (a headline, label or line of the form counts as left when the article's text holds all of it) and the
share of the article's own words that was lost. With `--regions`, F1 of the regions of scraped texts, plain and with
the headlines; the last figure leaves them in.
"""

from __future__ import annotations

import argparse
import html
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.corpus import Document, Judge, Judged, read
from benchmarks.figures import score_regions
from feedwatch.extract.page import main_text, page_tree
from feedwatch.extract.scrape import read_scrape
from feedwatch.markup import text_of_sanitised

_HEADLINES = 10
_MIN_WORDS = 100
_WORD = re.compile(r"\w+")
#: Comment forms and section names as sites of the language have them.
_FORMS = {
    "en": ("Leave a Reply", "Your email address will not be published. Required fields are marked *", "Comment *",
            "Name *", "Email *", "Save my name, email, and website in this browser for the next time I comment.",
            "Post Comment"),
    "fr": ("LAISSER UN COMMENTAIRE", "S'il vous plaît entrez votre commentaire!",
            "S'il vous plaît entrez votre nom ici",
            "Vous avez entré une adresse e-mail incorrecte!", "Veuillez entrer votre adresse e-mail ici",
            "Enregistrer mon nom, email et site web dans ce navigateur pour la prochaine fois que je commenterai."),
    "ha": ("Bar sharhi", "Adireshin imel ɗinka ba zai bayyana ba.", "Suna *", "Imel *", "Aika sharhi"),
}  # fmt: skip
_LABELS = {
    "en": ("Niger", "Mali", "World", "Economy", "Sports"),
    "fr": ("Niger", "Bénin", "Monde", "Économie", "Sport"),
    "ha": ("Najeriya", "Nijar", "Duniya", "Siyasa", "Wasanni"),
}
_ABOVE = {"en": ("Home", "News"), "fr": ("Accueil", "News"), "ha": ("Gida", "Labarai")}


@dataclass(frozen=True, slots=True)
class Sample:
    """An article, and the pieces that are appended to it: form first, then label and headline in turn."""

    document: Document
    form: tuple[str, ...]
    beside: tuple[tuple[str, str], ...]

    @property
    def appended(self) -> list[str]:
        """All pieces, in the order in which they stand."""
        return [*self.form, *(piece for pair in self.beside for piece in pair)]


def samples(documents: Sequence[Document], count: int) -> list[Sample]:
    """Articles of each corpus and language in turn, with headlines of others in the same language."""
    chance = random.Random(1)  # noqa: S311 - a sample
    groups: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for document in documents:
        if document.title.strip() and len(_WORD.findall(document.text)) >= _MIN_WORDS:
            groups[document.corpus, document.lang].append(document)
    for group in groups.values():
        chance.shuffle(group)
    found: list[Sample] = []
    for place in range(max(map(len, groups.values()), default=0)):
        for group in groups.values():
            if place < len(group) and len(found) < count:
                found.append(_sample(group[place], group, chance))
    return found


def _sample(document: Document, group: Sequence[Document], chance: random.Random) -> Sample:
    lang = document.lang[:2] if document.lang[:2] in _FORMS else "en"
    others = [one.title.strip() for one in chance.sample(group, min(len(group), 40)) if one.title != document.title]
    headlines = [title for title in others if title not in document.text][:_HEADLINES]
    labels = [chance.choice(_LABELS[lang]) for _ in headlines]
    return Sample(document, _FORMS[lang], tuple(zip(labels, headlines, strict=True)))


def as_page(sample: Sample) -> str:
    """The article as a page with a form and a sidebar in markup of common make."""
    title = html.escape(sample.document.title)
    text = "".join(f"<p>{html.escape(line)}</p>" for line in sample.document.text.splitlines() if line.strip())
    fields = "".join(f"<p><label>{html.escape(line)}</label></p>" for line in sample.form[1:])
    cards = "".join(
        f"<div class=card><span class=cat>{html.escape(label)}</span>"
        f"<h3><a href='/a/{place}'>{html.escape(headline)}</a></h3></div>"
        for place, (label, headline) in enumerate(sample.beside)
    )
    return (
        f"<!doctype html><html><head><title>{title}</title></head><body><ul class=menu><li><a href=/>Home</a></ul>"
        f"<div class=content><h1>{title}</h1><div class=text>{text}</div><div id=respond><h3>"
        f"{html.escape(sample.form[0])}</h3><form action=/c>{fields}</form></div></div>"
        f"<div class=column>{cards}</div></body></html>"
    )


def as_texts(sample: Sample) -> Iterator[tuple[str, str]]:
    """The names of the ways in which a page's text is copied, and the text."""
    document = sample.document
    above = [*_ABOVE.get(document.lang[:2], _ABOVE["en"]), document.title]
    lines = [line for line in document.text.splitlines() if line.strip()]
    yield "paragraphs", "\n\n".join(["\n".join(above), *lines, *sample.appended])
    yield "lines", "\n".join([*above, *lines, *sample.appended])
    yield "one line", " ".join([*above, *lines, *sample.appended])


def bodies(sample: Sample) -> Iterator[tuple[str, str]]:
    """What extraction takes for the article's text, by the way in which it was given."""
    yield "page", text_of_sanitised(main_text(page_tree(as_page(sample)), None).html)
    for name, text in as_texts(sample):
        yield name, "\n\n".join(read_scrape(text).paragraphs)


@dataclass(slots=True)
class Tally:
    """Words of one way: appended and left of these, of the articles and lost of these."""

    appended: int = 0
    left: int = 0
    own: int = 0
    lost: int = 0


def tally(found: Sequence[Sample], worst: int) -> dict[str, Tally]:
    """The words of all samples by way."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    losses: list[tuple[int, str, str, str]] = []
    for sample in found:
        own = Counter(_WORD.findall(sample.document.text))
        for name, body in bodies(sample):
            left = [piece for piece in sample.appended if _holds(body, piece, sample.document.text)]
            words = Counter(_WORD.findall(body))
            words.subtract(Counter(_WORD.findall(" ".join(left))))
            lost = own - words
            one = tallies[name]
            one.appended += len(_WORD.findall(" ".join(sample.appended)))
            one.left += len(_WORD.findall(" ".join(left)))
            one.own += own.total()
            one.lost += lost.total()
            losses.append((lost.total() + len(left), name, sample.document.id, f"{' '.join(lost)[:150]} | {left}"))
    for count, name, its_id, what in sorted(losses, reverse=True)[:worst]:
        print(f"  {count:>4} {name:<10} {its_id}: {what[:240]}")
    return tallies


def _holds(body: str, piece: str, own: str) -> bool:
    """Whether a piece stands in the body: in the text itself it does not count."""
    pattern = re.compile(rf"(?<!\w){re.escape(piece)}(?!\w)")
    return len(pattern.findall(body)) > len(pattern.findall(own))


def show(found: Sequence[Sample], worst: int) -> None:
    """Print the shares."""
    total = Tally()
    tallies = tally(found, worst)
    print(f"{len(found)} articles, {sum(len(one.beside) for one in found)} headlines of others")
    for name, one in tallies.items():
        _print(name, one)
        total = Tally(*(a + b for a, b in zip(_values(total), _values(one), strict=True)))
    _print("all", total)


def _values(one: Tally) -> tuple[int, int, int, int]:
    return one.appended, one.left, one.own, one.lost


def _print(name: str, one: Tally) -> None:
    removed, lost = 1 - one.left / max(one.appended, 1), one.lost / max(one.own, 1)
    print(f"{name:<12} appended words removed {removed:7.2%}   own words lost {lost:6.2%}")


def score_sidebar(judge: Judge, documents: Sequence[Document], without: set[str]) -> dict[str, Any]:
    """F1 of regions without and with ten headlines of other countries below the text, after extraction."""
    chance = random.Random(1)  # noqa: S311 - a sample
    titled = [document for document in documents if document.title and document.countries and len(document.text) > 300]
    found: dict[str, list[Judged]] = {"plain": [], "sidebar": [], "sidebar not cut": []}
    for document in titled:
        others = chance.sample(titled, min(60, len(titled)))
        foreign = [other.title for other in others if not (other.countries or set()) & (document.countries or set())]
        side = "\n\n".join(["Related news", *foreign[:_HEADLINES]])
        for name, below in (("plain", ""), ("sidebar", side)):
            scrape = read_scrape(f"Home\nNews\n{document.title}\n\n{document.text}\n\n{below}\n")
            article = document.article(scrape.title, "\n\n".join(scrape.paragraphs))
            found[name].append(judge.judge(document, article))
        found["sidebar not cut"].append(judge.judge(document, document.article(body=f"{document.text}\n\n{side}")))
    figures = {name: score_regions(judged, without)["about"]["f1_without"] for name, judged in found.items()}
    return {"documents": len(titled), **figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", help="labelled JSONL files, .xz allowed")
    parser.add_argument("--corpus", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--overlay", action="append", default=[], help="a rule pack for the measurement only")
    parser.add_argument("--default-region", help="what a text is about when no region fires")
    parser.add_argument("--without", default="us", help="countries left out of F1 (us)")
    parser.add_argument("--sample", type=int, default=1500, help="at most so many of each corpus (1500)")
    parser.add_argument("--regions", action="store_true", help="what the headlines cost the regions")
    parser.add_argument("--articles", type=int, default=500, help="so many articles (500)")
    parser.add_argument("--half", choices=("a", "b"), help="only one half of the texts, by their titles")
    parser.add_argument("--worst", type=int, default=0, help="so many of the worst, with what was lost and left")
    options = parser.parse_args()
    if not options.regions:
        show(samples(read(options.files, options.corpus, None, options.half), options.articles), options.worst)
        return
    judge = Judge(options.overlay, options.default_region)
    documents = read(options.files, options.corpus, options.sample)
    for name, figure in score_sidebar(judge, documents, set(options.without.split(","))).items():
        print(f"{name:<18}{figure}")


if __name__ == "__main__":
    main()

"""The rules engine at work: documents a CPU second by number of terms, stage by stage, next to a plain alternation.

    python benchmarks/rules.py [--data articles.jsonl(.xz) | folder of them] [--documents 400] [--sizes 100 1000 …]

The articles are read from `--data` or $FEEDWATCH_BENCH_DATA (JSON lines with title, text and lang; those of about
2.5 KB are taken), else generated. Terms are words and pairs of words that stand in few of many more articles; 20 of
them make a rule. Times are CPU time, the least of several rounds; everything but `load` is per document. Articles are
judged together, as polls do it; each stage is measured by itself, which is kinder to the caches, so their sum
is less than the whole.

    load     until the first article is judged; again: rules that were kept
    fold     fields, one folded text, places of words
    scan     one pass of the automaton, hits that stand alone told from the crowd
    resolve  capitals, masks, exceptions, the longest mention, runs by rule
    score    scores, shares, labels with their evidence
    re, re2  baseline: one compiled alternation of the same terms, whole words, over the lower-case text,
             matches that do not overlap: no scores, no rules, no accents, no plurals
"""

from __future__ import annotations

import argparse
import gc
import json
import lzma
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import re2

from feedwatch.model import Article
from feedwatch.rules.classify import Classifier, Defaults
from feedwatch.rules.fold import words_of
from feedwatch.rules.gather import resolved, scanned
from feedwatch.rules.kept import load_classifier
from feedwatch.rules.layout import Layout
from feedwatch.rules.load import built_in_packs
from feedwatch.rules.ruleset import Rule
from feedwatch.rules.terms import MAX_WORDS, Term
from feedwatch.tomlfile import parse_toml

SIZES = ("100", "1000", "10000", "100000", "packs")
TERMS_OF_A_RULE = 20
LANGUAGES = {"eng": "en", "fra": "fr", "hau": "ha", "spa": "es", "por": "pt", "ara": "ar"}
#: Characters of an article.
SHORTEST, LONGEST = 1800, 3300
#: An alternation takes milliseconds a document: how many it is tried on, and up to how many terms.
ALTERNATION_DOCUMENTS, ALTERNATION_TERMS = 25, 20_000
ROUNDS = 5
HEADER = (
    "   terms rules  load s  again    MB |  docs/s      µs   fold   scan resolve score |  hits labels evidence |"
    "      re docs/s  ratio   re2 docs/s  ratio"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("FEEDWATCH_BENCH_DATA"))
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--sizes", nargs="*", default=list(SIZES), metavar="terms", help="numbers, or packs")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.data, options.documents)))
        return
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for number, size in enumerate(options.sizes):
        # A process each, so that memory is that of one set of rules.
        command = [sys.executable, __file__, "--one", size, "--documents", str(options.documents)]
        command += ["--data", str(options.data)] if options.data else []
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this very script
        result = json.loads(done.stdout)
        if number == 0:
            print(f"{result['documents']} {result['origin']}, {result['bytes']:.0f} bytes each\n\n{HEADER}")
        print(line(result), flush=True)
    print(
        "\nP: the packs that come with the program. ratio: documents/s of the engine to those of the alternation."
        "\nhits, labels and evidence: per document."
    )


def line(result: dict[str, Any]) -> str:
    """One line of the table."""
    stages = result["stages"]
    text = f"{result['name']:>8} {result['rules']:>5} {result['load_s']:>7.2f} {result['again_s']:>6.2f}"
    text += f" {result['memory_mb']:>5.0f} |"
    text += f" {result['rate']:>7.0f} {1e6 / result['rate']:>7.0f} {stages['fold']:>6.0f} {stages['scan']:>6.0f}"
    text += f" {stages['resolve']:>7.0f} {stages['score']:>5.0f} |"
    text += f" {result['hits']:>5.0f} {result['labels']:>6.1f} {result['evidence']:>8.1f} |"
    for name in ("re", "re2"):
        rate = result["alternation"].get(name)
        text += f" {rate:>14.1f} {result['rate'] / rate:>5.1f}x" if rate else f" {'–':>14} {'–':>6}"
    return text


def measure(name: str, data: Path | None, count: int) -> dict[str, Any]:
    """One set of rules over all articles."""
    known = read(data) if data else generated(count + 1500)
    articles, others = known[:count], known[count:]
    text = "" if name == "packs" else rules_text(others or articles, int(name))
    gc.collect()
    before = memory_mb()
    with tempfile.TemporaryDirectory() as cache:
        classifier, load_s = loaded(name, text, None, articles[0])
        held = memory_mb() - before
        loaded(name, text, Path(cache), articles[0])
        _, again_s = loaded(name, text, Path(cache), articles[0])
    rules = classifier.ruleset
    found = [classifier.classify(article) for article in articles]
    terms = sorted(
        term.text for of_facet in rules.rules.values() for rule in of_facet.values() for term in scoring(rule)
    )
    return {
        "name": name if name != "packs" else f"{len(terms)} P",
        "documents": len(articles),
        "origin": "real articles" if data else "generated articles",
        "bytes": sum(len(f"{a.title} {a.body}".encode()) for a in articles) / len(articles),
        "rules": sum(map(len, rules.rules.values())),
        "load_s": load_s,
        "again_s": again_s,
        "memory_mb": held,
        "rate": 1 / least_together(classifier, articles),
        "stages": stages_of(classifier, articles),
        "hits": hits_of(classifier, articles),
        "labels": sum(map(len, found)) / len(found),
        "evidence": sum(len(label.evidence) for labels in found for label in labels) / len(found),
        "alternation": alternations(terms, articles),
    }


def loaded(name: str, text: str, cache: Path | None, article: Article) -> tuple[Classifier, float]:
    """The rules ready to judge, and the CPU seconds until the first article was judged."""
    start = time.process_time()
    inline = parse_toml(text, "rules.toml") if text else None
    packs = built_in_packs() if name == "packs" else []
    classifier = load_classifier(packs, inline=inline, base_dir=Path(), cache=cache)
    classifier.classify(article)
    return classifier, time.process_time() - start


def scoring(rule: Rule) -> Iterator[Term]:
    """The terms of a rule that score."""
    for terms in (rule.strong, rule.terms, rule.weak, rule.unsure):
        yield from terms


def least(call: Callable[[Any], Any], items: Sequence[Any]) -> float:
    """CPU seconds an item: the least of several rounds for each part of the items."""
    total = 0.0
    size = max(1, len(items) // 8)
    gc.collect()
    for start in range(0, len(items), size):
        part = items[start : start + size]
        rounds = []
        for _ in range(ROUNDS):
            begun = time.process_time()
            for item in part:
                call(item)
            rounds.append(time.process_time() - begun)
        total += min(rounds)
    return total / len(items)


def least_together(classifier: Classifier, articles: Sequence[Article]) -> float:
    """CPU seconds an article where they are judged together, as polls, `rules diff` and judging again do it."""
    size = max(1, len(articles) // 8)
    parts = [articles[start : start + size] for start in range(0, len(articles), size)]
    none: Defaults = {"region": None, "topic": None}
    asked = [[(article, none) for article in part] for part in parts]
    return least(classifier.classify_all, asked) * len(asked) / len(articles)


def stages_of(classifier: Classifier, articles: list[Article]) -> dict[str, float]:
    """Microseconds a document by stage."""
    plan = classifier._plan  # noqa: SLF001 - measured from inside
    layouts = [Layout(article) for article in articles]
    pairs = list(zip(articles, layouts, strict=True))

    def scan(pair: tuple[Article, Layout]) -> Any:
        article, layout = pair
        return scanned(plan, layout, article.languages)

    scans = list(zip(layouts, map(scan, pairs), strict=True))
    gathered = [resolved(plan, layout, found) for layout, found in scans]
    seconds = {
        "fold": least(Layout, articles),
        "scan": least(scan, pairs),
        "resolve": least(lambda pair: resolved(plan, *pair), scans),
        "score": least(lambda found: classifier.labels(found, {"region": None, "topic": None}), gathered),
    }
    return {name: spent * 1e6 for name, spent in seconds.items()}


def hits_of(classifier: Classifier, articles: list[Article]) -> float:
    """Places where a term stands, a document."""
    automaton = classifier._plan.automaton  # noqa: SLF001 - measured from inside
    found = 0
    for article in articles:
        scan = automaton.scan(Layout(article).folded.text, article.languages)
        found += len(scan.lone) + len({(hit.start, hit.end) for hit in scan.crowd})
    return found / len(articles)


def alternations(terms: list[str], articles: list[Article]) -> dict[str, float]:
    """Documents a CPU second of one compiled alternation of the terms."""
    if len(terms) > ALTERNATION_TERMS:
        return {}
    words = sorted({term.strip("=*").lower() for term in terms}, key=lambda term: (-len(term), term))
    pattern = r"\b(?:" + "|".join(map(re.escape, words)) + r")\b"
    options = re2.Options()
    options.max_mem = 1 << 30
    texts = [f"{article.title}\n\n{article.body}".lower() for article in articles[:ALTERNATION_DOCUMENTS]]
    # Python's own takes so long that one look at each text is enough.
    by_re = one_round(re.compile(pattern), texts)
    fast = re2.compile(pattern, options)
    by_re2 = min(one_round(fast, texts) for _ in range(3))
    return {"re": len(texts) / by_re, "re2": len(texts) / by_re2}


def one_round(expression: Any, texts: list[str]) -> float:
    """CPU seconds to find all matches in all texts."""
    begun = time.process_time()
    for text in texts:
        for _ in expression.finditer(text):
            pass
    return time.process_time() - begun


def memory_mb() -> float:
    """What this process holds now, as far as the system tells; else the most that it ever held."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- articles and rules -----------------------------------------------------------------------------


def article_of(number: int, title: str, body: str, lang: str) -> Article:
    """An article whose address is made of its title, as is usual."""
    url = f"https://example.org/{number}/" + "-".join(re.findall(r"\w+", title.lower())[:8])
    return Article(
        source_id="s",
        guid=str(number),
        id=f"urn:{number}",
        url=url,
        canonical_url=url,
        title=title,
        body=body,
        languages=frozenset({lang}),
    )


def read(place: Path) -> list[Article]:
    """Articles of about 2.5 KB from JSON lines, always in the same order."""
    files = sorted(place.glob("*.jsonl*")) if place.is_dir() else [place]
    found = []
    for file in files:
        with (lzma.open if file.suffix == ".xz" else open)(file, "rb") as lines:
            for text in lines:
                item = json.loads(text)
                if not isinstance(item, dict):
                    continue
                title, body = item.get("title"), item.get("text")
                if title and isinstance(body, str) and SHORTEST <= len(body) <= LONGEST:
                    lang = str(item.get("lang") or "en")
                    found.append((title, body, LANGUAGES.get(lang, lang)))
    if not found:
        raise SystemExit(f"{place} has no articles of {SHORTEST} to {LONGEST} characters")
    random.Random(7).shuffle(found)  # noqa: S311 - a sample
    return [article_of(number, *one) for number, one in enumerate(found)]


def generated(count: int) -> list[Article]:
    """Articles of the shape of news: 2.5 KB, a long tail of words, names, quotes, figures, accents."""
    chance = random.Random(11)  # noqa: S311 - sample data
    consonants = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "ch", "")
    syllables = [a + b for a in consonants for b in "aeiouéè"]
    words = ["".join(chance.choices(syllables, k=chance.choice((1, 2, 2, 3, 3, 4)))) for _ in range(30_000)]
    # Zipf's law: the n-th word is n times as rare as the first.
    weights = list(accumulate(1 / (n + 3) for n in range(len(words))))
    names = [word.capitalize() for word in words[500:3000] if len(word) > 4]
    places = ["Niamey", "Mali", "Nigeria", "Paris", "Kano", "Chad", "Ghana", "Senegal", "London", "Russia", "China"]

    def sentence() -> str:
        drawn = chance.choices(words, cum_weights=weights, k=chance.randint(8, 24))
        for _ in range(chance.randint(0, 3)):
            drawn[chance.randrange(len(drawn))] = chance.choice(names if chance.random() < 0.7 else places)
        drawn[chance.randrange(len(drawn))] += ","
        drawn[chance.randrange(len(drawn))] += f" {chance.randint(1, 2030)}" if chance.random() < 0.2 else ""
        if chance.random() < 0.2:
            drawn = [f"“{drawn[0]}", *drawn[1:-1], f"{drawn[-1]}”"]
        return " ".join(drawn) + "."

    articles = []
    for number in range(count):
        body = ""
        while len(body) < 2200:
            body += " ".join(sentence() for _ in range(chance.randint(1, 3))) + "\n\n"
        articles.append(article_of(number, sentence()[:80], body.strip(), chance.choice(("fr", "en"))))
    return articles


def rules_text(articles: list[Article], count: int) -> str:
    """Rules of `count` terms: half words, half pairs of words that stand in few articles, then any pairs."""
    seen: Counter[str] = Counter()
    for article in articles:
        words = re.findall(r"[^\W\d_]{3,}", article.body)
        seen.update({word for word in words if len(word) > 4}.union(map(" ".join, pairwise(words))))
    most = max(2, len(articles) // 100)
    terms = sorted({term.casefold(): term for term, times in sorted(seen.items()) if times <= most}.values())
    chance = random.Random(3)  # noqa: S311 - sample data
    chance.shuffle(terms)
    # Where a character is a word, as in Chinese, what stands between two signs may be longer than a term can be.
    terms = [term for term in terms if len(words_of(term)) <= MAX_WORDS]
    singles = [term for term in terms if " " not in term]
    pairs = [term for term in terms if " " in term]
    chosen = singles[: count // 2]
    chosen += pairs[: count - len(chosen)]
    made = set(chosen)
    halves = [term for term in singles if len(words_of(term)) <= MAX_WORDS // 2]
    while len(made) < count:
        made.add(f"{chance.choice(halves)} {chance.choice(halves)}")
    chosen += sorted(made.difference(chosen))
    chance.shuffle(chosen)
    lines = []
    for number, start in enumerate(range(0, count, TERMS_OF_A_RULE)):
        own = chosen[start : start + TERMS_OF_A_RULE]
        lines.append(f"[{'regions' if number % 2 else 'topics'}.r{number}]")
        for name, part in (("strong", own[:5]), ("terms", own[5:15]), ("weak", own[15:])):
            lines.append(f"{name} = {json.dumps(part, ensure_ascii=False)}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

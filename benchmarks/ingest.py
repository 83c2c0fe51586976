"""Ingest generated documents from a folder: documents/s, CPU time by stage, peak memory.

    python benchmarks/ingest.py [1000 10000 …]

Each size starts with an empty store in a process of its own. The cost of a document must not grow with
the archive: the last column compares each size with the first.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from feedwatch import ingest as ingest_module
from feedwatch.app import writing
from feedwatch.ledger import Outcome
from feedwatch.parse.dispatch import parse
from feedwatch.setup import load_setup

CONFIG = """
[[sources]]
id = "documents"
kind = "folder"
path = "documents"
[[feeds]]
id = "all"
title = "All"
[[feeds]]
id = "niger-security"
title = "Niger security"
where = "region:ne and topic:security"
[[feeds]]
id = "sahel-health"
title = "Sahel health"
where = "region:sahel and topic:health"
"""
PLACES = ["Niamey", "Agadez", "Bamako", "Gao", "Ouagadougou", "Cotonou", "Abuja", "Kano", "N’Djamena", "Dakar"]
DEEDS = [
    "l’armée a repoussé une attaque contre un poste de gendarmerie",
    "le ministère de la santé lance une campagne de vaccination contre la rougeole",
    "le gouvernement a présenté le projet de budget au parlement",
    "les pluies ont détruit des centaines de maisons et des champs de mil",
    "l’équipe nationale a gagné le match de qualification par deux buts à un",
    "des hommes armés ont enlevé plusieurs voyageurs sur la route nationale",
]
FILLER = (
    "Selon les habitants joints par téléphone, la situation restait calme dans la soirée. "
    "Les autorités régionales ont promis une communication dans les prochains jours. "
    "Plusieurs organisations demandent que les familles concernées soient entendues rapidement."
)


def document(number: int) -> str:
    """A scraped page of about 2.5 KB with its furniture."""
    chance = random.Random(number)  # noqa: S311 - sample data
    place, deed = chance.choice(PLACES), chance.choice(DEEDS)
    title = f"{place} : {deed.split(' a ')[0]} – dossier numéro {number}"
    body = "\n\n".join(
        f"À {chance.choice(PLACES)}, {chance.choice(DEEDS)}, a indiqué une source proche du dossier. {FILLER}"
        for _ in range(6)
    )
    side = "\n\n".join(f"Monde\n\n{chance.choice(DEEDS).capitalize()} ({n})" for n in range(5))
    return (
        f"Live logo\nspot_img\nAccueilNews - InfosSécurité{title}\n\n{title}\n\n- Publicité-\n\n"
        f"À {place}, {deed}. {FILLER}\n\n{body}\n\nLAISSER UN COMMENTAIRE\n\n"
        f"S'il vous plaît entrez votre commentaire!\n{side}\n"
    )


class Stages:
    """CPU seconds of this process by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its CPU time added to a stage."""

        def run(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            try:
                return call(*args, **kwargs)
            finally:
                self.seconds[name] += time.process_time() - start

        return run

    def timed_iteration(self, name: str, call: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        """The generator function, with the CPU time of each step added to a stage."""

        def run(*args: Any, **kwargs: Any) -> Iterator[Any]:
            step = self.timed(name, iter(call(*args, **kwargs)).__next__)
            while True:
                try:
                    yield step()
                except StopIteration:
                    return

        return run


def measure(folder: Path, count: int) -> dict[str, Any]:
    """Ingest `count` documents into an empty store."""
    documents = folder / "documents"
    documents.mkdir()
    for number in range(count):
        (documents / f"{number:06}.txt").write_text(document(number), encoding="utf-8")
    config = folder / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    setup = load_setup(config, {})
    stages = Stages()
    outcomes: list[Outcome] = []
    with writing(setup) as app:
        ingest_module.parse = stages.timed("parse", parse)  # type: ignore[attr-defined]  # measured
        app.extractor.extract = stages.timed("extract", app.extractor.extract)  # type: ignore[method-assign]  # measured
        judge = app.pipeline._judge  # noqa: SLF001 - measured from outside
        judge.verdict = stages.timed("classify", judge.verdict)  # type: ignore[method-assign]  # measured
        for name in ("known", "taken_ids", "save"):
            setattr(app.store, name, stages.timed(f"store.{name}", getattr(app.store, name)))
        app.fetcher.fetch = stages.timed_iteration("fetch", app.fetcher.fetch)  # type: ignore[method-assign]  # measured
        start, cpu = time.monotonic(), time.process_time()
        app.poll(app.claim_once(force=True), outcomes.append)
        wall, spent = time.monotonic() - start, time.process_time() - cpu
        start = time.monotonic()
        app.publish()
        publish_s = time.monotonic() - start
        app.poll(app.claim_once(force=True), outcomes.append)
        again = time.monotonic() - start - publish_s
    assert outcomes[0].new == count, outcomes[0]
    return {
        "documents": count,
        "wall_s": wall,
        "cpu_s": spent,
        "publish_s": publish_s,
        "unchanged_s": again,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "stages": dict(stages.seconds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[1000, 10_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(measure(Path(folder), options.one)))
        return
    results = []
    for size in options.sizes:
        done = subprocess.run(  # noqa: S603 - this very script
            [sys.executable, __file__, "--one", str(size)], check=True, capture_output=True, text=True
        )
        results.append(json.loads(done.stdout))
    first = results[0]["cpu_s"] / results[0]["documents"]
    print("documents   docs/s CPU ms/doc  peak MB publish s 2nd pass s CPU ratio")
    for result in results:
        each = result["cpu_s"] / result["documents"]
        print(
            f"{result['documents']:>9} {result['documents'] / result['wall_s']:>8.0f} {each * 1e3:>10.2f} "
            f"{result['peak_mb']:>8.0f} {result['publish_s']:>9.2f} {result['unchanged_s']:>10.2f} {each / first:>9.2f}"
        )
    print("\nCPU ms a document by stage")
    names = sorted({name for result in results for name in result["stages"]})
    for name in names:
        shares = [result["stages"].get(name, 0) / result["documents"] * 1e3 for result in results]
        print(f"  {name:<16}" + "".join(f"{share:>10.3f}" for share in shares))


if __name__ == "__main__":
    main()

"""Extracts and titles of labeled dev entries: `python -m tests.benchmarks.journal_extracts --data FOLDER`.

FOLDER has `summaries/` and `lemotif/`. Each row of the table is the engine with other scores of sentences:
none (as for `/summarize`), what a careful reader marked (the best it could get), or a journal reader's.
Quotes are counted in entries of five sentences or more. ROUGE-1 is with the reader's summary and, for
Hippocorpus, the author's own. A title overlaps if it has a content word of the reader's title; it is from the
core if all its content words are.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from build.data import summaries
from build.data.journal.entries import Entry, load
from build.summarization import rouge
from functions.emotion.reader import JournalReader
from functions.shared.domain.content import Arc, ArcPoint, Segment
from functions.shared.domain.insight import Summary
from functions.shared.text.encoder import ENCODER
from functions.summarization.abstracts.faithfulness import stem
from functions.summarization.engine import Text
from functions.summarization.extracts.engine import ExtractiveEngine
from functions.summarization.wording.words import FUNCTION, words

MODELS = Path(__file__).parents[2] / "models"
MIN_SENTENCES = 5
COLUMNS = ("core", "avoid", "quotes", "words", "R reader", "R author", "titled", "overlap", "of core")

Scorer = Callable[[Entry], Arc | None]


def main() -> None:
    options = _options()
    entries = load("dev", options.data)
    authors = {
        pair.id: pair.summary for pair in summaries.load(options.data / "summaries", "hippocorpus", "dev")
    }
    engine = ExtractiveEngine.load(options.models / "extractive-summarizer", options.models / ENCODER)
    print(f"{len(entries)} entries, {engine.name} {engine.version}")
    print("scores" + " " * 4 + "".join(f"{name:>9s}" for name in COLUMNS))
    scorers: dict[str, Scorer] = {"none": lambda entry: None, "marked": marked}
    if options.reader:
        scorers["reader"] = by_reader(JournalReader.load(options.reader))
    for name, scorer in scorers.items():
        found = [engine.summarize([_text(entry, scorer(entry))]) for entry in entries]
        figures = [*_quotes(entries, found), *_rouge(entries, found, authors), *_titles(entries, found)]
        print(f"{name:10s}" + "".join(f"{figure:9.1f}" for figure in figures))


def marked(entry: Entry) -> Arc:
    """An arc as sure as the reader whose labels these are."""
    core = {index: 0.95 - 0.1 * rank for rank, index in enumerate(entry.labels.core)}
    points = (
        ArcPoint(
            segment=index,
            emotions=(),
            sentiment=0.0,
            core=core.get(index, 0.02),
            avoid=0.95 if index in entry.labels.avoid else 0.02,
        )
        for index in range(len(entry.sentences))
    )
    return Arc(points=tuple(points))


def by_reader(reader: JournalReader) -> Scorer:
    """The core and avoid scores of a journal reader."""

    def score(entry: Entry) -> Arc:
        sentences = reader.read(entry.sentences).sentences
        points = (
            ArcPoint(segment=index, emotions=(), sentiment=0.0, core=read.core, avoid=read.avoid)
            for index, read in enumerate(sentences)
        )
        return Arc(points=tuple(points))

    return score


def _text(entry: Entry, arc: Arc | None) -> Text:
    return Text([Segment(text=sentence) for sentence in entry.sentences], arc)


def _quotes(entries: Sequence[Entry], found: Sequence[Summary]) -> list[float]:
    """Percent of entries with a core sentence and with one to avoid; mean numbers of quotes and words."""
    rows = []
    for entry, summary in zip(entries, found, strict=True):
        if len(entry.sentences) >= MIN_SENTENCES:
            quoted = {quote.segment for quote in summary.quotes}
            core, avoid = (bool(quoted & set(marks)) for marks in (entry.labels.core, entry.labels.avoid))
            rows.append((100.0 * core, 100.0 * avoid, len(quoted), len(summary.text.split())))
    return [float(mean) for mean in np.mean(rows, axis=0)]


def _rouge(entries: Sequence[Entry], found: Sequence[Summary], authors: dict[str, str]) -> list[float]:
    """ROUGE-1 with readers' summaries, and with authors' own where there are any."""
    texts = {entry.id: summary.text for entry, summary in zip(entries, found, strict=True)}
    by_readers = rouge.score([entry.labels.summary for entry in entries], list(texts.values()))
    told = [(authors[name], text) for name, text in texts.items() if name in authors]
    by_authors = rouge.score([summary for summary, _ in told], [text for _, text in told])
    return [float(by_readers.mean(axis=0)[0]), float(by_authors.mean(axis=0)[0])]


def _titles(entries: Sequence[Entry], found: Sequence[Summary]) -> list[float]:
    """Percent of entries with a title; of the titles, percent that overlap, and that are from the core."""
    titled = [(entry, summary.title) for entry, summary in zip(entries, found, strict=True) if summary.title]
    overlaps = [bool(_stems(title) & _stems(entry.labels.title)) for entry, title in titled]
    core = [
        _stems(title) <= _stems(" ".join(entry.sentences[index] for index in entry.labels.core))
        for entry, title in titled
    ]
    shares = (len(titled) / len(entries), np.mean(overlaps), np.mean(core))
    return [100.0 * float(share) for share in shares]


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text) if word not in FUNCTION)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of artifacts")
    parser.add_argument("--reader", type=Path, help="folder of a journal reader")
    return parser.parse_args()


if __name__ == "__main__":
    main()

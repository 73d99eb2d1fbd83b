"""Every summarizer on every dev set, side by side in one run; the guard; and what they make of entries."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from build.data import summaries
from build.data.summaries import Pair
from build.evaluation.intervals import mean
from build.summarization import peers, planted, rouge
from build.summarization.records import Evaluation, Example, Guard, SetRecord, SystemRecord, Timing
from functions.shared.domain.insight import Summary
from functions.shared.runtime.settings import Style
from functions.shared.text import sentences
from functions.summarization.engine import Engine, Text
from functions.summarization.words import words

log = logging.getLogger(__name__)

ENTRIES = Path(__file__).with_name("entries")
"""Journal entries written for this project, before anything summarised them."""
SETS = ("hippocorpus", "samsum", "dialogsum")
EXTRACTS = "extractive"
_SHOWN = 6


class Made(NamedTuple):
    """What a system made of a set: texts, and why they are extracts where new words were asked for."""

    texts: list[str]
    reasons: list[str | None]


def evaluate(
    folder: Path, engines: Mapping[str, Engine], names: frozenset[str], count: int | None, seed: int
) -> Evaluation:
    """Measure engines, the extractive one named `EXTRACTS`, on the dev sets in `folder`.

    Args:
        names: words the guard knows as names.
        count: pairs of each set; all where None.
    """
    pairs = {name: _judged(summaries.load(folder, name, "dev"))[:count] for name in SETS}
    made = {name: _all(found, engines) for name, found in pairs.items()}
    records = [_set(name, pairs[name], made[name], list(engines), seed) for name in SETS]
    stories = pairs["hippocorpus"]
    return Evaluation(
        sets=records,
        guard=_guard(stories, made["hippocorpus"][EXTRACTS], names, seed),
        timings=[],
        entries=[_entry(path, engines) for path in sorted(ENTRIES.glob("*.txt"))],
        examples=[_example(stories, made["hippocorpus"], at) for at in range(min(_SHOWN, len(stories)))],
    )


def _judged(found: list[Pair]) -> list[Pair]:
    """Of stories, those told by whom they happened to, with their own summaries."""
    return [pair for pair in found if pair.kind in ("", "recalled")]


def _all(found: Sequence[Pair], engines: Mapping[str, Engine]) -> dict[str, Made]:
    made = {name: _peer(found, peer, sentences.split) for name, peer in peers.PEERS.items()}
    if any("\n" in pair.source for pair in found):
        made |= {f"{name}, turns": _peer(found, peer, _turns) for name, peer in peers.PEERS.items()}
    return made | {name: _ours(found, engine) for name, engine in engines.items()}


def _peer(found: Sequence[Pair], summarize: peers.Summarizer, cut: Callable[[str], list[str]]) -> Made:
    return Made([summarize(cut(pair.source)) for pair in found], [None] * len(found))


def _turns(source: str) -> list[str]:
    return [line.strip() for line in source.split("\n") if line.strip()]


def _ours(found: Sequence[Pair], engine: Engine) -> Made:
    made = [engine.summarize([Text(sentences.segments(pair.source))]) for pair in found]
    log.info("%s: %d texts summarised", engine.name, len(made))
    return Made([_plain(each) for each in made], [each.fallback_reason for each in made])


def _plain(summary: Summary) -> str:
    """Extracts as they were said: what is tidied of them is not for ROUGE to judge."""
    if summary.style is Style.EXTRACT:
        return " ".join(quote.text for quote in summary.quotes)
    return summary.text


def _set(
    name: str, found: Sequence[Pair], made: Mapping[str, Made], ours: Sequence[str], seed: int
) -> SetRecord:
    references = [pair.summary for pair in found]
    scores = {system: rouge.score(references, each.texts) for system, each in made.items()}
    best = max((system for system in made if system not in ours), key=lambda each: scores[each][:, 0].mean())
    first = {system: each[:, 0] for system, each in scores.items()}
    writers = [system for system in ours if system != EXTRACTS]
    return SetRecord(
        name=name,
        pairs=len(found),
        systems=[_system(system, found, each, scores[system], seed) for system, each in made.items()],
        best_peer=best,
        leads={system: mean(first[system] - first[best], seed) for system in ours},
        over_extracts={system: mean(first[system] - first[EXTRACTS], seed) for system in writers},
    )


def _system(name: str, found: Sequence[Pair], made: Made, scores: rouge.Floats, seed: int) -> SystemRecord:
    reasons = Counter(made.reasons)
    return SystemRecord(
        system=name,
        rouge={kind: mean(column, seed) for kind, column in zip(rouge.NAMES, scores.T, strict=True)},
        words=float(np.mean([len(text.split()) for text in made.texts])),
        new_words=float(np.mean([_new(p.source, text) for p, text in zip(found, made.texts, strict=True)])),
        fallbacks={str(reason): count / len(found) for reason, count in reasons.items() if reason},
    )


def _new(source: str, summary: str) -> float:
    written = words(summary)
    known = set(words(source))
    return sum(word not in known for word in written) / max(1, len(written))


def _guard(found: Sequence[Pair], extracts: Made, names: frozenset[str], seed: int) -> Guard:
    pairs = [(pair.source, text) for pair, text in zip(found, extracts.texts, strict=True)]
    return planted.measure(pairs, [(pair.source, pair.summary) for pair in found], names, seed)


def _entry(path: Path, engines: Mapping[str, Engine]) -> Example:
    text = path.read_text(encoding="utf-8")
    made = {name: engine.summarize([Text(sentences.segments(text))]) for name, engine in engines.items()}
    return Example(
        name=path.stem,
        text=text,
        summaries={name: _told(summary) for name, summary in made.items()},
        titles={name: summary.title or "" for name, summary in made.items()},
    )


def _told(summary: Summary) -> str:
    note = f" [extracts: {summary.fallback_reason}]" if summary.fallback_reason else ""
    return summary.text + note


def _example(found: Sequence[Pair], made: Mapping[str, Made], at: int) -> Example:
    return Example(
        name=found[at].id,
        text=found[at].source,
        summaries={system: each.texts[at] for system, each in made.items()},
        reference=found[at].summary,
    )


def with_timings(found: Evaluation, timings: list[Timing]) -> Evaluation:
    """The same with how long it takes."""
    return Evaluation(
        sets=found.sets, guard=found.guard, timings=timings, entries=found.entries, examples=found.examples
    )

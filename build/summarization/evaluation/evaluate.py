"""Evaluates all summarizers on all dev sets, and the faithfulness guard; collects example summaries."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from build.data import summaries
from build.data.summaries import Pair
from build.evaluation.bootstrap import mean_with_interval
from build.summarization import rouge
from build.summarization.evaluation import baselines, guard
from build.summarization.evaluation.records import Evaluation, Example, Guard, SetRecord, SystemRecord, Timing
from functions.shared.domain.insight import Summary
from functions.shared.runtime.settings import Style
from functions.shared.text import sentences
from functions.summarization.engine import Engine, Text
from functions.summarization.wording.words import words

log = logging.getLogger(__name__)

ENTRIES = Path(__file__).with_name("entries")
"""Journal entries written for this project, before any summarizer was run on them."""
DATASETS = ("hippocorpus", "samsum", "dialogsum")
EXTRACTIVE = "extractive"
_EXAMPLES = 6


class SystemOutput(NamedTuple):
    """A system's summaries, and why each fell back to an extract (None if it did not)."""

    texts: list[str]
    fallback_reasons: list[str | None]


def evaluate(
    folder: Path, engines: Mapping[str, Engine], names: frozenset[str], count: int | None, seed: int
) -> Evaluation:
    """Evaluate engines, including the extractive one named `EXTRACTIVE`, on the dev sets in `folder`.

    Args:
        names: words that the guard knows as names.
        count: number of pairs per dataset; None for all.
    """
    pairs = {name: _evaluated_pairs(summaries.load(folder, name, "dev"))[:count] for name in DATASETS}
    outputs = {name: _run_all(dataset_pairs, engines) for name, dataset_pairs in pairs.items()}
    records = [_set(name, pairs[name], outputs[name], list(engines), seed) for name in DATASETS]
    stories = pairs["hippocorpus"]
    return Evaluation(
        sets=records,
        guard=_guard(stories, outputs["hippocorpus"][EXTRACTIVE], names, seed),
        timings=[],
        entries=[_entry(path, engines) for path in sorted(ENTRIES.glob("*.txt"))],
        examples=[
            _example(stories, outputs["hippocorpus"], at) for at in range(min(_EXAMPLES, len(stories)))
        ],
    )


def _evaluated_pairs(pairs: list[Pair]) -> list[Pair]:
    """Of Hippocorpus, recalled stories only, whose summaries are by the same author."""
    return [pair for pair in pairs if pair.kind in ("", "recalled")]


def _run_all(pairs: Sequence[Pair], engines: Mapping[str, Engine]) -> dict[str, SystemOutput]:
    outputs = {
        name: _run_baseline(pairs, baseline, sentences.split)
        for name, baseline in baselines.BASELINES.items()
    }
    if any("\n" in pair.source for pair in pairs):
        outputs |= {
            f"{name}, turns": _run_baseline(pairs, baseline, _split_turns)
            for name, baseline in baselines.BASELINES.items()
        }
    return outputs | {name: _run_engine(pairs, engine) for name, engine in engines.items()}


def _run_baseline(
    pairs: Sequence[Pair], summarize: baselines.Summarizer, split: Callable[[str], list[str]]
) -> SystemOutput:
    return SystemOutput([summarize(split(pair.source)) for pair in pairs], [None] * len(pairs))


def _split_turns(source: str) -> list[str]:
    return [line.strip() for line in source.split("\n") if line.strip()]


def _run_engine(pairs: Sequence[Pair], engine: Engine) -> SystemOutput:
    summaries = [engine.summarize([Text(sentences.segments(pair.source))]) for pair in pairs]
    log.info("%s: summarized %d texts", engine.name, len(summaries))
    return SystemOutput(
        [_text(summary) for summary in summaries], [summary.fallback_reason for summary in summaries]
    )


def _text(summary: Summary) -> str:
    """The summary's text; of extracts, the original sentences without the cosmetic clean-up."""
    if summary.style is Style.EXTRACT:
        return " ".join(quote.text for quote in summary.quotes)
    return summary.text


def _set(
    name: str, pairs: Sequence[Pair], outputs: Mapping[str, SystemOutput], engines: Sequence[str], seed: int
) -> SetRecord:
    references = [pair.summary for pair in pairs]
    scores = {system: rouge.score(references, output.texts) for system, output in outputs.items()}
    best = max(
        (system for system in outputs if system not in engines),
        key=lambda system: scores[system][:, 0].mean(),
    )
    rouge1 = {system: output[:, 0] for system, output in scores.items()}
    abstractive = [system for system in engines if system != EXTRACTIVE]
    return SetRecord(
        name=name,
        pairs=len(pairs),
        systems=[_system(system, pairs, output, scores[system], seed) for system, output in outputs.items()],
        best_baseline=best,
        leads={system: mean_with_interval(rouge1[system] - rouge1[best], seed) for system in engines},
        leads_over_extractive={
            system: mean_with_interval(rouge1[system] - rouge1[EXTRACTIVE], seed) for system in abstractive
        },
    )


def _system(
    name: str, pairs: Sequence[Pair], output: SystemOutput, scores: rouge.Floats, seed: int
) -> SystemRecord:
    reasons = Counter(output.fallback_reasons)
    return SystemRecord(
        system=name,
        rouge={
            kind: mean_with_interval(column, seed) for kind, column in zip(rouge.NAMES, scores.T, strict=True)
        },
        words=float(np.mean([len(text.split()) for text in output.texts])),
        new_words=float(
            np.mean(
                [_new_word_share(pair.source, text) for pair, text in zip(pairs, output.texts, strict=True)]
            )
        ),
        fallbacks={str(reason): count / len(pairs) for reason, count in reasons.items() if reason},
    )


def _new_word_share(source: str, summary: str) -> float:
    summary_words = words(summary)
    source_words = set(words(source))
    return sum(word not in source_words for word in summary_words) / max(1, len(summary_words))


def _guard(pairs: Sequence[Pair], extracts: SystemOutput, names: frozenset[str], seed: int) -> Guard:
    extracted = [(pair.source, text) for pair, text in zip(pairs, extracts.texts, strict=True)]
    return guard.evaluate_guard(extracted, [(pair.source, pair.summary) for pair in pairs], names, seed)


def _entry(path: Path, engines: Mapping[str, Engine]) -> Example:
    text = path.read_text(encoding="utf-8")
    summaries = {name: engine.summarize([Text(sentences.segments(text))]) for name, engine in engines.items()}
    return Example(
        name=path.stem,
        text=text,
        summaries={name: _text_with_fallback(summary) for name, summary in summaries.items()},
        titles={name: summary.title or "" for name, summary in summaries.items()},
    )


def _text_with_fallback(summary: Summary) -> str:
    note = f" [extracts: {summary.fallback_reason}]" if summary.fallback_reason else ""
    return summary.text + note


def _example(pairs: Sequence[Pair], outputs: Mapping[str, SystemOutput], index: int) -> Example:
    return Example(
        name=pairs[index].id,
        text=pairs[index].source,
        summaries={system: output.texts[index] for system, output in outputs.items()},
        reference=pairs[index].summary,
    )


def with_timings(evaluation: Evaluation, timings: list[Timing]) -> Evaluation:
    """The evaluation with latencies."""
    return Evaluation(
        sets=evaluation.sets,
        guard=evaluation.guard,
        timings=timings,
        entries=evaluation.entries,
        examples=evaluation.examples,
    )

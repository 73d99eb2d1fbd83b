"""Weights of the extractive engine: `python -m tests.benchmarks.extractive_tune --data FOLDER`.

FOLDER holds Hippocorpus' `hippocorpus.train.jsonl.gz`. Ridge regression, within each story, of every
sentence's mean ROUGE-1/2/L against the author's summary on its features gives the weights, all but the
emotion's. That one is raised as far as it costs at most `ALLOWED` of the summaries' mean ROUGE: the
reference summaries tell what happened, and the engine is also to quote what was felt.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from rouge_score.rouge_scorer import RougeScorer

from functions.shared.encoder import ENCODER, TextEncoder, load_encoder
from functions.shared.onnx import read_config
from functions.shared.sentences import split
from functions.summarization.extractive import ExtractiveConfig
from functions.summarization.features import Weights, content, features, only_fillers, words
from functions.summarization.selection import select

MODELS = Path(__file__).parents[2] / "models"
METRICS = ["rouge1", "rouge2", "rougeL"]
RIDGE = 1.0
SCALE = 0.1
"""Regression coefficients are in points of ROUGE; the engine's weights are of the order of one."""
SWEEP = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
ALLOWED = 0.4
SEED = 1

Floats = npt.NDArray[np.float64]


class Story(msgspec.Struct, frozen=True):
    """A story's sentences, their features (n, weights), their own ROUGE (n,), and its summary."""

    sentences: list[str]
    table: Floats
    gains: Floats
    summary: str


def main() -> None:
    options = _options()
    config = read_config(options.models / "extractive-summarizer", ExtractiveConfig)
    encoder = load_encoder(options.models / ENCODER)
    scorer = RougeScorer(METRICS, use_stemmer=True)
    rows = _rows(options.data / "hippocorpus.train.jsonl.gz", options.count)
    stories = [_story(row, config, encoder, scorer) for row in rows]
    fitted = _fit(stories)
    means = {weight: _quality(stories, _with(fitted, weight), config, scorer) for weight in SWEEP}
    for weight, (rouge, lift) in means.items():
        print(f"emotion {weight:.1f}: mean ROUGE {rouge:.2f}, quotes' emotion over the story's {lift:+.3f}")
    best = max(rouge for rouge, _ in means.values())
    chosen = max(weight for weight, (rouge, _) in means.items() if rouge >= best - ALLOWED)
    print(json.dumps({"weights": msgspec.to_builtins(_with(fitted, chosen))}, indent=2))


def _rows(path: Path, count: int) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return random.Random(SEED).sample(rows, count)


def _story(row: dict[str, str], config: ExtractiveConfig, encoder: TextEncoder, scorer: RougeScorer) -> Story:
    sentences = [text for text in split(row["source"]) if not only_fillers(words(text))]
    table = features(sentences, [words(text) for text in sentences], encoder, config.length_words)
    gains = np.asarray([_rouge(scorer, row["summary"], text) for text in sentences])
    return Story(sentences, table.astype(np.float64), gains, row["summary"])


def _fit(stories: list[Story]) -> Weights:
    """Ridge regression within stories, without the emotion column."""
    names = list(Weights.__struct_fields__)
    kept = [index for index, name in enumerate(names) if name != "emotion"]
    x = np.concatenate([story.table - story.table.mean(axis=0) for story in stories])[:, kept]
    y = np.concatenate([story.gains - story.gains.mean() for story in stories])
    found = SCALE * np.linalg.solve(x.T @ x + RIDGE * np.eye(len(kept)), x.T @ y)
    weights = {names[index]: round(float(value), 2) for index, value in zip(kept, found, strict=True)}
    return Weights(emotion=0.0, **weights)


def _with(weights: Weights, emotion: float) -> Weights:
    return msgspec.structs.replace(weights, emotion=emotion)


def _quality(
    stories: list[Story], weights: Weights, config: ExtractiveConfig, scorer: RougeScorer
) -> tuple[float, float]:
    """Mean ROUGE of the summaries, and how much more emotion their quotes hold than their stories."""
    column = Weights.__struct_fields__.index("emotion")
    rouge, lift = [], []
    for story in stories:
        spoken = [words(text) for text in story.sentences]
        chosen = select(
            (story.table @ weights.vector()).tolist(),
            [content(sentence) for sentence in spoken],
            [len(sentence) for sentence in spoken],
            limit=config.max_sentences,
            budget=config.max_words,
            redundancy=config.redundancy,
        )
        summary = " ".join(story.sentences[index] for index in sorted(chosen))
        rouge.append(_rouge(scorer, story.summary, summary))
        lift.append(story.table[chosen, column].mean() - story.table[:, column].mean())
    return float(np.mean(rouge)), float(np.mean(lift))


def _rouge(scorer: RougeScorer, reference: str, summary: str) -> float:
    found = scorer.score(reference, summary)
    return float(np.mean([100 * found[metric].fmeasure for metric in METRICS]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1200, help="how many stories")
    parser.add_argument("--models", type=Path, default=MODELS, help="the folder of artifacts")
    return parser.parse_args()


if __name__ == "__main__":
    main()

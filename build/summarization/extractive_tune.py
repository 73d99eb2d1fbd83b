"""Weights of the extractive engine: `python -m build.summarization.extractive_tune --data FOLDER`.

FOLDER holds Hippocorpus' `hippocorpus.train.jsonl.gz`. A coordinate search over `GRID` maximises the mean of
ROUGE-1/2/L of whole summaries on one half of the stories; the other half tells how much of it is real. Then
the emotion's weight is raised as far as it costs at most `ALLOWED` of the mean: the reference summaries tell
what happened, and the engine is also to quote what was felt.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter
from functools import cache
from itertools import product
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import DefaultTokenizer

from functions.shared.encoder import ENCODER, TextEncoder, load_encoder
from functions.shared.onnx import read_config
from functions.shared.sentences import split
from functions.summarization.extractive import ExtractiveConfig
from functions.summarization.features import Weights, content, features, only_fillers, words
from functions.summarization.selection import select

MODELS = Path(__file__).parents[2] / "models"
METRICS = ["rouge1", "rouge2", "rougeL"]
GRID = {
    "max_words": (35, 40, 45, 50),
    "opening": (0.6, 1.0, 1.4, 1.8),
    "wording": (0.8, 1.2, 1.7, 2.4),
    "topic": (0.0, 0.1, 0.2, 0.4),
    "first_person": (0.0, 0.1, 0.2, 0.4),
    "closing": (0.0, 0.1, 0.2),
    "redundancy": (0.0, 0.3, 0.6, 1.0),
}
ROUNDS = 2
LEAST_GAIN = 0.02
EMOTION = 0.3
"""While the rest is searched."""
SWEEP = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2)
ALLOWED = 0.25
SEED = 1

Floats = npt.NDArray[np.float32]


class Story(msgspec.Struct, frozen=True):
    """A story's sentences, as they stand and as words, their features (n, weights), and its summary."""

    texts: list[str]
    bags: list[Counter[str]]
    lengths: list[int]
    table: Floats
    summary: str


class Tokenizer:
    """`rouge-score`'s own, line by line, so that no sentence is stemmed twice."""

    def __init__(self) -> None:
        self._line = cache(DefaultTokenizer(use_stemmer=True).tokenize)

    def tokenize(self, text: str) -> list[str]:
        return [token for line in text.split("\n") for token in self._line(line)]


def main() -> None:
    options = _options()
    config = read_config(options.models / "extractive-summarizer", ExtractiveConfig)
    encoder = load_encoder(options.models / ENCODER)
    rows = _rows(options.data / "hippocorpus.train.jsonl.gz", options.count)
    stories = [_story(row, encoder) for row in rows]
    scorer = RougeScorer(METRICS, tokenizer=Tokenizer())
    config = _search(stories[::2], _changed(config, "emotion", EMOTION), scorer)
    print(f"unseen half: {_quality(stories[1::2], config, scorer)[0]:.2f}")
    swept = {weight: _quality(stories, _changed(config, "emotion", weight), scorer) for weight in SWEEP}
    for weight, (rouge, lift) in swept.items():
        print(f"emotion {weight:.1f}: mean ROUGE {rouge:.2f}, quotes' emotion over the story's {lift:+.3f}")
    best = max(rouge for rouge, _ in swept.values())
    chosen = max(weight for weight, (rouge, _) in swept.items() if rouge >= best - ALLOWED)
    print(json.dumps(msgspec.to_builtins(_changed(config, "emotion", chosen)), indent=2))


def _rows(path: Path, count: int) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return random.Random(SEED).sample(rows, count)  # noqa: S311 - which stories, not a secret


def _story(row: dict[str, str], encoder: TextEncoder) -> Story:
    texts = [text for text in split(row["source"]) if not only_fillers(words(text))]
    spoken = [words(text) for text in texts]
    return Story(
        texts=[" ".join(text.split()) for text in texts],
        bags=[content(sentence) for sentence in spoken],
        lengths=[len(sentence) for sentence in spoken],
        table=features(texts, spoken, encoder),
        summary=row["summary"],
    )


def _search(stories: list[Story], config: ExtractiveConfig, scorer: RougeScorer) -> ExtractiveConfig:
    best, _ = _quality(stories, config, scorer)
    for _, (name, values) in product(range(ROUNDS), GRID.items()):
        for value in values:
            candidate = _changed(config, name, value)
            rouge, _ = _quality(stories, candidate, scorer)
            if rouge > best + LEAST_GAIN:
                best, config = rouge, candidate
        print(f"{name}: {best:.2f}", flush=True)
    return config


def _changed(config: ExtractiveConfig, name: str, value: float) -> ExtractiveConfig:
    if name in Weights.__struct_fields__:
        return msgspec.structs.replace(
            config, weights=msgspec.structs.replace(config.weights, **{name: value})
        )
    return msgspec.structs.replace(config, **{name: value})


def _quality(stories: list[Story], config: ExtractiveConfig, scorer: RougeScorer) -> tuple[float, float]:
    """Mean ROUGE of the summaries, and how much more emotion their quotes hold than their stories."""
    column = Weights.__struct_fields__.index("emotion")
    rouge, lift = [], []
    for story in stories:
        chosen = _chosen(story, config)
        summary = "\n".join(story.texts[index] for index in sorted(chosen))
        found = scorer.score(story.summary, summary)
        rouge.append(np.mean([100 * found[metric].fmeasure for metric in METRICS]))
        lift.append(story.table[chosen, column].mean() - story.table[:, column].mean())
    return float(np.mean(rouge)), float(np.mean(lift))


def _chosen(story: Story, config: ExtractiveConfig) -> list[int]:
    return select(
        (story.table @ config.weights.vector()).tolist(),
        story.bags,
        story.lengths,
        limit=config.max_sentences,
        budget=config.max_words,
        redundancy=config.redundancy,
    )


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

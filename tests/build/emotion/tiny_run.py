"""A tiny network, datasets and configuration for running the whole pipeline in a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from build import text_encoder
from build.base_model import BaseModel
from build.emotion import config
from build.emotion.compression import compress, model_changes
from build.emotion.run_dir import RunDir
from build.emotion.workspace import Workspace

SHAPE = {
    "model_type": "bert",
    "vocab_size": 64,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 48,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
    "type_vocab_size": 2,
    "pad_token_id": 0,
}
LABELS = ("joy", "sadness", "neutral")
WORDS = {"joy": ["glad", "yay"], "sadness": ["sad", "tears"], "neutral": ["table", "chair"]}
FEELINGS = {"happy": "joy", "sad": "sadness"}
FILLERS = ["the", "day", "was", "long", "and", "we", "sat"]


def write_base(folder: Path) -> BaseModel:
    """A tiny random BERT with its tokenizer."""
    (folder / "config.json").write_text(json.dumps(SHAPE))
    tokenizer().save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    bert = text_encoder.from_config(folder / "config.json", {"emotions": len(LABELS)}, 0.0).bert
    save_file(bert.state_dict(), folder / "model.safetensors")
    return BaseModel(folder)


def tokenizer() -> Tokenizer:
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        *FILLERS,
        *(word for group in WORDS.values() for word in group),
    ]
    made = Tokenizer(models.WordPiece({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    made.enable_padding(length=32)
    made.enable_truncation(8)
    return made


def write_data(folder: Path) -> None:
    """Small datasets in the formats of GoEmotions and Lemotif."""
    comments, journal = folder / "goemotions", folder / "lemotif"
    comments.mkdir()
    journal.mkdir()
    (comments / "labels.txt").write_text("\n".join(LABELS))
    for split, rows, seed in (("train", 320, 1), ("dev", 120, 2)):
        random = np.random.default_rng(seed)
        (comments / f"{split}.tsv").write_text("".join(comment_row(random, at) for at in range(rows)))
        (journal / f"{split}.jsonl").write_text("".join(journal_row(random, at) for at in range(rows // 4)))


def comment_row(random: np.random.Generator, at: int) -> str:
    labels = sorted(random.choice(3, size=random.integers(1, 3), replace=False).tolist())
    text = make_text(random, at, *(LABELS[label] for label in labels))
    return f"{text}\t{','.join(map(str, labels))}\tid{at}\n"


def journal_row(random: np.random.Generator, at: int) -> str:
    feeling = str(random.choice(list(FEELINGS)))
    row = {
        "id": at,
        "text": make_text(random, at, FEELINGS[feeling]),
        "feelings": [feeling],
        "topics": ["work"],
    }
    if random.random() < 0.5:
        row["topics"] = ["sleep"]
    return json.dumps(row) + "\n"


def make_text(random: np.random.Generator, at: int, *emotions: str) -> str:
    """Every text is different, otherwise it would be dropped as a duplicate."""
    words = [str(random.choice(WORDS[emotion])) for emotion in emotions]
    words += random.choice(FILLERS, size=random.integers(1, 12)).tolist()
    return " ".join([*words, *(FILLERS[int(digit)] for digit in np.base_repr(at + 1, 7))])


def settings(name: str = "tiny", **training: Any) -> config.Config:
    recipe = {"epochs": 6, "batch_size": 16, "learning_rate": 0.01, "bf16": False, "dropout": 0.0, **training}
    raw = {
        "name": name,
        "seed": 3,
        "threads": 1,
        "training": recipe,
        "teacher": {"folds": 2, "training": {**recipe, "epochs": 15}},
        "heads": {"feelings": True, "topics": True, "embedding_distillation": 0.1, "min_examples": 5},
        "thresholds": {"repeats": 2},
        "ablation": {"seeds": [1]},
        "compression": {
            "variants": ["fp32", "int8-dynamic", "int8-static"],
            "model_changes": {name: ["int8-static"] for name in (*model_changes.CHANGES, compress.LATIN)},
            "calibration_texts": 16,
            "repeats": 1,
            "timed_texts": 5,
            "max_f1_loss": 1.0,
        },
        "evaluation": {"bootstrap_samples": 100, "noise_strengths": [0.3], "robustness_texts": 20},
        "artifact": {"name": "tiny-encoder", "version": "0.0.1", "description": "Tiny", "max_length": 32},
    }
    return msgspec.convert(raw, config.Config)


def new_workspace(root: Path, base: BaseModel, data: Path, run_config: config.Config) -> Workspace:
    run = RunDir(root / "runs", run_config)
    run.open()
    return Workspace(run_config, run, data, base, root / "models")

"""The whole pipeline, from data to artifacts, on a tiny network and dataset."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)
pytest.importorskip("sumy", exc_type=ImportError)

import torch  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers  # noqa: E402
from transformers import BertConfig, BertModel, T5Config, T5ForConditionalGeneration  # noqa: E402

from build.base_model import BaseModel  # noqa: E402
from build.errors import ArtifactError, CheckpointError, ConfigError, DataError  # noqa: E402
from build.summarization import config, pipeline  # noqa: E402
from build.summarization.evaluation import latency  # noqa: E402
from build.summarization.export import export  # noqa: E402
from build.summarization.release.package import EXTRACTIVE, package_variant  # noqa: E402
from build.summarization.workspace import Workspace  # noqa: E402
from functions.shared.domain.content import Segment  # noqa: E402
from functions.shared.runtime import artifacts  # noqa: E402
from functions.summarization.abstracts.beam_search import DecodingConfig, search  # noqa: E402
from functions.summarization.abstracts.engine import AbstractiveEngine  # noqa: E402
from functions.summarization.abstracts.seq2seq import Seq2Seq  # noqa: E402
from functions.summarization.engine import Text  # noqa: E402

Make = Callable[..., Workspace]

ENCODER = Path(__file__).parents[3] / "models" / "text-encoder"


PLACES, PEOPLE = ("lake", "train", "garden", "office"), ("Maria", "Tom", "Anna", "Jonas")
WORDS = """
we went to the and it was cold . my sister said i cried because had a day with then came home again slept not
"""
SHAPE: dict[str, Any] = {
    "model_type": "bert", "vocab_size": 64, "hidden_size": 16, "num_hidden_layers": 2,
    "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 512,
}  # fmt: skip


def story(random: np.random.Generator, number: int, kind: str) -> dict[str, str]:
    place, person = str(random.choice(PLACES)), str(random.choice(PEOPLE))
    sentences = [
        f"We went to the {place} with {person}.",
        "It was a cold day and I cried.",
        f"Then my sister said we had the {place}.",
        "I slept because it was cold.",
        f"{person} came home again.",
    ]
    summary = f"I went to the {place} with {person} and cried."
    return {
        "id": f"s{number}",
        "source": " ".join(sentences),
        "summary": summary,
        "kind": kind,
        "group": f"g{number}",
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "summaries").mkdir()
    (folder / "goemotions").mkdir()
    random = np.random.default_rng(0)
    for split, count in (("train", 24), ("dev", 6)):
        rows = [story(random, at, ("recalled", "retold")[at % 2]) for at in range(count)]
        lines = b"\n".join(map(msgspec.json.encode, rows))
        for name in ("hippocorpus", "samsum", "dialogsum"):
            if split == "train":
                (folder / "summaries" / f"{name}.train.jsonl.gz").write_bytes(gzip.compress(lines))
            else:
                (folder / "summaries" / f"{name}.dev.jsonl").write_bytes(lines)
        comments = "".join(f"I cried at home again .\t0\tid{at}\n" for at in range(count))
        (folder / "goemotions" / f"{split}.tsv").write_text(comments)
    (folder / "goemotions" / "labels.txt").write_text("sadness")
    return folder


def tiny_base(folder: Path) -> BaseModel:
    folder.mkdir(parents=True)
    special_tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"[unused{at}]" for at in range(8))]
    tokens = [*special_tokens, *WORDS.split(), *PLACES, *(name.lower() for name in PEOPLE)]
    tokenizer = Tokenizer(models.WordPiece({word: at for at, word in enumerate(tokens)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(special_tokens[:5])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({**SHAPE, "vocab_size": len(tokens)}))
    torch.manual_seed(0)
    shape = BertConfig.from_json_file(folder / "config.json")
    save_file(BertModel(shape, add_pooling_layer=False).state_dict(), folder / "model.safetensors")
    return BaseModel(folder)


def settings(**changes: Any) -> config.Config:
    training = config.Training(epochs=2, batch_tokens=600, encoder_lr=1e-3, decoder_lr=1e-3)
    artifact = config.Artifact(version="0.1", description="for a test", max_source=200, beams=2, most=12)
    values: dict[str, Any] = {
        "name": "tiny", "seed": 1, "threads": 1, "extractive_version": "0.1",
        "network": config.Network(decoder_layers_from=(0, 1), positions=80, output_vocabulary=40),
        "pretraining": config.Pretraining(training=training, passages=10, comments=10),
        "variants": {
            "first": config.Variant(datasets=("hippocorpus",), training=training, artifact=artifact),
            "second": config.Variant(
                datasets=("hippocorpus",),
                init_from="first",
                teacher="first",
                training=training,
                artifact=artifact,
            ),
        },
        "extractive": config.Extractive(
            folds=2, min_stories=1.0, score_weights=(0.1,), sentence_words=(8,), max_words=(16,),
            emotion_weights=(0.5,), min_noun_count=1, min_name_texts=1,
        ),
        "monitored_pairs": 2, "evaluated_pairs": 3,
    }  # fmt: skip
    return config.Config(**{**values, **changes})


@pytest.fixture(scope="module")
def make(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Make:
    root = tmp_path_factory.mktemp("runs")
    base = tiny_base(root / "tiny-base")

    def workspace(runs: Path = root, **changes: Any) -> Workspace:
        return Workspace(settings(**changes), data, runs, runs / "models", ENCODER, base=base)

    return workspace


@pytest.fixture(scope="module")
def finished(make: Make, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latency, "SHAPE", {**latency.SHAPE, "d_model": 64, "d_ff": 64, "d_kv": 8})
        patch.setattr(latency, "SOURCE_IDS", (3, 20))
        work = make()
        for step in pipeline.ORDER:
            pipeline.STEPS[step](work, [])
    return work


def test_artifacts_work_in_serving(finished: Workspace) -> None:
    engine = AbstractiveEngine.load(finished.models / "first", finished.extractive_engine)
    text = Text([Segment(text=line) for line in ("We went to the lake.", "It was cold.")] * 9)
    assert engine.summarize([text]).text
    assert (
        artifacts.problems(
            finished.models, "first", artifacts.load_manifest(finished.models).artifact("first")
        )
        == []
    )
    card = (finished.models / "first" / "MODEL_CARD.md").read_text()
    assert "Apache-2.0" in card
    assert (finished.models / EXTRACTIVE / "MODEL_CARD.md").read_text().count("|") > 20


def test_report_shows_every_system_and_entry(finished: Workspace) -> None:
    page = finished.run_dir.report.read_text()
    for expected in ("LEAD-3", "TextRank", "LexRank", "first", "second", "10-long", "negation lost"):
        assert expected in page


def test_finished_training_is_not_repeated(finished: Workspace) -> None:
    before = finished.run_dir.variant("first").weights.read_bytes()
    pipeline.train(finished, ["first"])
    assert finished.run_dir.variant("first").weights.read_bytes() == before


def test_checkpoint_of_other_settings_is_rejected(finished: Workspace, make: Make) -> None:
    with pytest.raises(CheckpointError, match="other settings"):
        pipeline.pretrain(make(seed=2), [])


def test_unknown_variant_is_reported(finished: Workspace) -> None:
    with pytest.raises(ConfigError, match="third"):
        pipeline.train(finished, ["third"])


def test_teacher_summaries_are_written_for_every_pair(finished: Workspace) -> None:
    written = msgspec.json.decode(
        finished.run_dir.teacher_summaries("first").read_bytes(), type=dict[str, str]
    )
    pairs = finished.with_extracts([])
    assert pairs == []
    assert set(written) == {f"s{at}" for at in range(24)}


def test_variant_is_initialized_from_an_earlier_one(finished: Workspace) -> None:
    before, after = finished.load_trained("first").state_dict(), finished.initial_model("second").state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    first, second = finished.config.variants.values()
    with pytest.raises(ValueError, match="no variant 'first' precedes it"):
        settings(variants={"second": second, "first": first})


def test_weights_from_restricted_data_cannot_ship_as_apache_2(finished: Workspace, make: Make) -> None:
    variant = msgspec.structs.replace(finished.config.variants["first"], datasets=("dialogsum",))
    work = make(variants={"first": variant})
    with pytest.raises(DataError, match="does not allow"):
        package_variant(work, "first")


def test_steps_out_of_order_report_what_is_missing(make: Make, tmp_path: Path) -> None:
    work = make(runs=tmp_path)
    for step, missing in (("train", "out_of_fold_extracts"), ("export", "train"), ("package", "evaluate")):
        with pytest.raises((CheckpointError, ArtifactError), match=missing):
            pipeline.STEPS[step](work, [])


def test_any_t5_can_be_exported(tmp_path: Path) -> None:
    shape: dict[str, Any] = {
        "vocab_size": 30, "d_model": 16, "d_kv": 4, "d_ff": 16, "num_layers": 1, "num_heads": 2,
        "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0,
    }  # fmt: skip
    T5ForConditionalGeneration(T5Config(**shape)).save_pretrained(tmp_path / "source")
    words = {word: at for at, word in enumerate(["<pad>", "</s>", "summarize", ":", *WORDS.split()])}
    Tokenizer(models.WordLevel(words, unk_token="cold")).save(str(tmp_path / "source" / "tokenizer.json"))
    export.export_t5(tmp_path / "source", tmp_path / "made", "t5-tiny", "1")
    model = Seq2Seq.load(tmp_path / "made")
    assert model.config.family == "t5"
    assert (
        search(model.read(model.source(["we went home"])), 0, 1, DecodingConfig(beams=2, most=4)) is not None
    )


def test_other_models_are_rejected(tmp_path: Path) -> None:
    BertModel(BertConfig(**{**SHAPE, "vocab_size": 12})).save_pretrained(tmp_path)
    with pytest.raises(ArtifactError, match="is a bert, not a T5"):
        export.export_t5(tmp_path, tmp_path / "made", "t5-tiny", "1")
    with pytest.raises(ArtifactError, match="cannot be read as a T5"):
        export.export_t5(tmp_path / "nothing", tmp_path / "made", "t5-tiny", "1")
